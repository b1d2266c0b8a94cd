// Checks a delivery as a receiver would; prints the event, or why it is refused.
import OpenAI from 'openai';

const [secret, headers, body] = process.argv.slice(2);
try {
  console.log(JSON.stringify(await new OpenAI({ apiKey: 'none' }).webhooks.unwrap(body, JSON.parse(headers), secret)));
} catch (error) {
  console.log(JSON.stringify({ refused: error.message }));
}
