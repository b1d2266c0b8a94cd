// The calls of the original's published notebooks, in their order, with nothing changed but address and key. Prints what came as one JSON object.
import { createReadStream } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import OpenAI from 'openai';

const [baseURL, apiKey, trainingFile, model, lambdaArn] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const seen = {};

seen.listedBefore = (await client.fineTuning.jobs.list({ limit: 10 })).data;

const uploaded = await client.files.create({ file: createReadStream(trainingFile), purpose: 'fine-tune' });
seen.uploaded = uploaded;
seen.files = (await client.files.list({ purpose: 'fine-tune' })).data;
seen.file = await client.files.retrieve(uploaded.id);

const job = await client.fineTuning.jobs.create({
  model,
  training_file: uploaded.id,
  method: {
    type: 'reinforcement',
    reinforcement: {
      grader: { type: 'lambda', lambda: { function: lambdaArn } },
      hyperparameters: { n_epochs: 1, batch_size: 4, learning_rate_multiplier: 1.0 },
    },
  },
});
seen.created = job;
seen.listed = (await client.fineTuning.jobs.list({ limit: 20 })).data;
seen.described = [];
for (const entry of (await client.fineTuning.jobs.list({ limit: 200 })).data) {
  seen.described.push(await client.fineTuning.jobs.retrieve(entry.id));
}

let details = await client.fineTuning.jobs.retrieve(job.id);
while (!['succeeded', 'failed', 'cancelled', 'paused'].includes(details.status)) {
  await wait(100);
  details = await client.fineTuning.jobs.retrieve(job.id);
}
seen.ended = details;

const events = await client.fineTuning.jobs.listEvents(job.id, { limit: 100 });
seen.events = events.data;
const metrics = events.data.filter((event) => event.type === 'metrics').map((event) => event.data);
const fields = ['critic_rewards_mean', 'actor_pg_loss', 'actor_entropy', 'actor_grad_norm', 'critic_advantages_mean', 'response_length_mean'];
seen.curves = Object.fromEntries(['step', ...fields].map((field) => [field, metrics.map((entry) => entry[field])]));

seen.checkpoints = (await client.fineTuning.jobs.checkpoints.list(job.id)).data;

seen.answer = await client.chat.completions.create({
  model: details.fine_tuned_model,
  messages: [{ role: 'user', content: "Write a 100 word essay on Euclid's contributions." }],
  max_tokens: 100,
});

console.log(JSON.stringify(seen));
