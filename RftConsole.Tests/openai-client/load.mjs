// A load generator, run by hand and never timed in the suite: many streams at once, each compared with the answer that its request gets alone.
//   node load.mjs BASE_URL KEY MODEL [streams=64] [tokens=300] [rounds=3]
const [baseURL, key, model, streams = '64', tokens = '300', rounds = '3'] = process.argv.slice(2);
const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };

// A copy of the starter whose config.json and generation_config.json name 0 as eos_token_id answers at full length; its own answers are short.
const body = (i, stream) => JSON.stringify({
  model,
  messages: [{ role: 'user', content: `Stream ${i}: Tom has ${i} apples and buys ${i + 3} more. How many apples does he have?` }],
  temperature: 1,
  seed: 1000 + i,
  max_tokens: Number(tokens),
  stream,
  ...(stream ? { stream_options: { include_usage: true } } : {}),
});

async function streamed(i) {
  const start = performance.now();
  const response = await fetch(`${baseURL}/chat/completions`, { method: 'POST', headers, body: body(i, true) });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  let text = '', rest = '', first = null, used = 0, done = false;
  const decoder = new TextDecoder();
  for await (const bytes of response.body) {
    rest += decoder.decode(bytes, { stream: true });
    const events = rest.split('\n\n');
    rest = events.pop();
    for (const event of events) {
      if (event === 'data: [DONE]') { done = true; continue; }
      const chunk = JSON.parse(event.slice(6));
      if (chunk.error) throw new Error(chunk.error.message);
      const content = chunk.choices[0]?.delta.content;
      if (content) { first ??= performance.now() - start; text += content; }
      used = chunk.usage?.completion_tokens ?? used;
    }
  }
  if (!done) throw new Error(`stream ${i} broke off`);
  return { text, first, used };
}

const alone = [];
for (let i = 0; i < Number(streams); i++) {
  const response = await fetch(`${baseURL}/chat/completions`, { method: 'POST', headers, body: body(i, false) });
  alone.push((await response.json()).choices[0].message.content);
}

let best = 0, mixed = 0, failed = 0;
const firsts = [], rates = [];
for (let round = 0; round < Number(rounds); round++) {
  const start = performance.now();
  const results = await Promise.allSettled(Array.from({ length: Number(streams) }, (_, i) => streamed(i)));
  const seconds = (performance.now() - start) / 1000;
  const good = results.filter((result) => result.status === 'fulfilled').map((result) => result.value);
  failed += results.length - good.length;
  results.forEach((result, i) => { if (result.status === 'fulfilled' && result.value.text !== alone[i]) mixed++; });

  firsts.push(...good.map((result) => result.first));
  rates.push(good.reduce((sum, result) => sum + result.used, 0) / seconds);
}

firsts.sort((a, b) => a - b);
rates.sort((a, b) => a - b);
console.log(JSON.stringify({
  streams: Number(streams),
  failed,
  mixed,
  tokens_per_second_median: Math.round(rates[Math.floor(rates.length / 2)]),
  tokens_per_second_best: Math.round(rates.at(-1)),
  first_token_ms_median: Math.round(firsts[Math.floor(firsts.length / 2)]),
  first_token_ms_p95: Math.round(firsts[Math.ceil(0.95 * firsts.length) - 1]),
}));
