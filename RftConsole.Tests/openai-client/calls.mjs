// What the notebooks do not show: streaming, paging, steering a job, graders, files, refusals. Prints what came as one JSON object.
import OpenAI, { toFile } from 'openai';

const [baseURL, apiKey, model] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const seen = {};
const messages = [{ role: 'user', content: 'Tom has 3 apples and buys 4 more. How many apples does he have?' }];

const refusal = async (call) => {
  try {
    await call();
    return null;
  } catch (error) {
    return { status: error.status, message: error.error?.message, param: error.param, code: error.code, type: error.type };
  }
};

const records = Array.from({ length: 24 }, (_, i) => JSON.stringify({
  messages: [{ role: 'user', content: `What is ${i} + ${i + 1}?` }],
  reference_answer: String(2 * i + 1),
})).join('\n');
const file = await client.files.create({ file: await toFile(Buffer.from(records), 'sums.jsonl'), purpose: 'fine-tune' });
seen.content = (await (await client.files.content(file.id)).text()) === records;

const grader = {
  type: 'multi',
  name: 'both',
  graders: {
    exact: { type: 'string_check', name: 'exact', operation: 'eq', input: '{{ sample.output_text }}', reference: '{{ item.reference_answer }}' },
    near: { type: 'text_similarity', name: 'near', evaluation_metric: 'fuzzy_match', input: '{{ sample.output_text }}', reference: '{{ item.reference_answer }}' },
    length: { type: 'python', name: 'length', source: 'def grade(sample, item):\n    return 1.0 if len(sample["output_text"]) < 40 else 0.0' },
  },
  calculate_output: '0.5 * exact + 0.3 * near + 0.2 * length',
};
seen.validated = await client.fineTuning.alpha.graders.validate({ grader });
seen.graded = await client.fineTuning.alpha.graders.run({ grader, item: { reference_answer: '7' }, model_sample: '7' });

const create = (suffix, team, maxSteps = 2) => client.fineTuning.jobs.create({
  model,
  training_file: file.id,
  suffix,
  seed: 3,
  metadata: { team },
  method: {
    type: 'reinforcement',
    reinforcement: { grader, hyperparameters: { batch_size: 2, eval_interval: 'auto', maxSteps, n_epochs: 50, inferenceMaxTokens: 8 } },
  },
});
// The first one trains for as long as the others are paused and cancelled in the queue.
const jobs = [await create('first', 'a', 5000), await create('second', 'b'), await create('third', 'b')];
seen.paused = await client.fineTuning.jobs.pause(jobs[2].id);
seen.cancelled = await client.fineTuning.jobs.cancel(jobs[1].id);
seen.teamB = (await client.fineTuning.jobs.list({ metadata: { team: 'b' } })).data.map((job) => job.id);
const all = [];
for await (const job of client.fineTuning.jobs.list({ limit: 1 })) {
  all.push(job.id);
}
seen.paged = all;
seen.jobs = jobs.map((job) => job.id);
seen.resumed = await client.fineTuning.jobs.resume(jobs[2].id);
await client.fineTuning.jobs.cancel(jobs[0].id);

const whole = await client.chat.completions.create({ model, messages, temperature: 0.9, seed: 11, max_completion_tokens: 24, n: 2, logprobs: true, top_logprobs: 2 });
seen.whole = whole;
const streamed = ['', ''];
const reasons = [null, null];
for await (const chunk of await client.chat.completions.create({ model, messages, temperature: 0.9, seed: 11, max_completion_tokens: 24, n: 2, stream: true, stream_options: { include_usage: true } })) {
  for (const choice of chunk.choices) {
    streamed[choice.index] += choice.delta.content ?? '';
    reasons[choice.index] = choice.finish_reason ?? reasons[choice.index];
  }
  seen.usage = chunk.usage ?? seen.usage;
}
seen.streamed = streamed;
seen.reasons = reasons;
const runner = client.chat.completions.stream({ model, messages, seed: 11, temperature: 0.9, max_completion_tokens: 24 });
seen.accumulated = (await runner.finalChatCompletion()).choices[0].message.content;
seen.stopped = (await client.chat.completions.create({ model, messages, temperature: 0, stop: [' '] })).choices[0].message.content;

seen.models = [];
for await (const entry of client.models.list()) {
  seen.models.push(entry.id);
}
seen.model = await client.models.retrieve(model);

seen.noModel = await refusal(() => client.chat.completions.create({ model: 'gpt-nothing', messages }));
seen.noRole = await refusal(() => client.chat.completions.create({ model, messages: [{ role: 'robot', content: 'x' }] }));
seen.noGrader = await refusal(() => client.fineTuning.jobs.create({ model, training_file: file.id, method: { type: 'reinforcement', reinforcement: { grader: { type: 'guess' } } } }));
seen.noFile = await refusal(() => client.fineTuning.jobs.create({ model, training_file: 'file-nothing', method: { type: 'reinforcement', reinforcement: { grader } } }));
seen.noJob = await refusal(() => client.fineTuning.jobs.retrieve('ftjob-nothing'));
seen.noKey = await refusal(() => new OpenAI({ baseURL, apiKey: 'wrong', maxRetries: 0 }).models.list());
seen.deleted = await client.files.delete(file.id);
seen.gone = await refusal(() => client.files.retrieve(file.id));

console.log(JSON.stringify(seen));
