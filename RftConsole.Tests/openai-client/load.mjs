// A load generator, run by hand and never timed in the suite: many streams at once, each compared with the answer that its request gets alone.
//   node load.mjs BASE_URL KEY MODEL [streams=64] [tokens=300] [rounds=3] [--bench RftConsole.Training.dll] [--job train.jsonl]
// --bench  measures `bench rollout` of the same number before and after, and prints the ratio; --bench-model names the model where MODEL is a deployment
// --job    trains on the file meanwhile, and prints which share of its speed the job keeps
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { basename } from 'node:path';

const arguments_ = process.argv.slice(2);
const option = (name) => {
  const at = arguments_.indexOf(name);
  return at < 0 ? undefined : arguments_.splice(at, 2)[1];
};
const bench = option('--bench');
const benchModel = option('--bench-model');
const jobFile = option('--job');
const [baseURL, key, model, ...counts] = arguments_;
const [streams, tokens, rounds] = [64, 300, 3].map((standard, i) => Number(counts[i] ?? standard));
const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
const agent = new http.Agent({ keepAlive: true, maxSockets: Infinity });
const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// A copy of the starter whose config.json and generation_config.json name 0 as eos_token_id answers at full length; its own answers are short.
const body = (i, stream) => JSON.stringify({
  model,
  messages: [{ role: 'user', content: `Stream ${i}: Tom has ${i} apples and buys ${i + 3} more. How many apples does he have?` }],
  temperature: 1,
  seed: 1000 + i,
  max_tokens: tokens,
  stream,
  ...(stream ? { stream_options: { include_usage: true } } : {}),
});

/** What came, and when; it is read after the clock has stopped: both programs share the processor. */
function send(i, stream) {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const request = http.request(`${baseURL}/chat/completions`, { method: 'POST', headers, agent }, (response) => {
      const chunks = [];
      let first;
      response.on('data', (chunk) => { first ??= performance.now() - start; chunks.push(chunk); });
      response.on('end', () => resolve({ status: response.statusCode, first, text: () => Buffer.concat(chunks).toString() }));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body(i, stream));
  });
}

function read({ status, first, text }) {
  if (status !== 200) throw new Error(`${status} ${text()}`);
  const events = text().trim().split('\n\n').map((event) => event.slice('data: '.length));
  if (events.pop() !== '[DONE]') throw new Error('a stream broke off');
  const chunks = events.map((event) => JSON.parse(event));
  return { first, text: chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join(''), used: chunks.at(-1).usage.completion_tokens };
}

async function call(method, path, content) {
  const response = await fetch(baseURL + path, { method, headers: content instanceof FormData ? { authorization: headers.authorization } : headers, body: content });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return response.json();
}

async function startJob() {
  const form = new FormData();
  form.append('purpose', 'fine-tune');
  form.append('file', new Blob([readFileSync(jobFile)]), basename(jobFile));
  const file = await call('POST', '/files', form);
  const job = await call('POST', '/fine_tuning/jobs', JSON.stringify({
    model: 'starter',
    training_file: file.id,
    suffix: `load-${Date.now()}`,
    method: { type: 'reinforcement', reinforcement: { grader: { type: 'lambda', lambda: { function: 'math-reasoning' } }, hyperparameters: { n_epochs: 50, batch_size: 16, eval_interval: 100 } } },
  }));
  while (await stepOf(job.id) < 5) await pause(200);
  return job.id;
}

const stepOf = async (id) => (await call('GET', `/fine_tuning/jobs/${id}/events?limit=20`)).data.find((event) => event.type === 'metrics')?.data.step ?? 0;

/** Steps a second of the job while something goes on. */
async function speedDuring(id, work) {
  const [step, start] = [await stepOf(id), performance.now()];
  const result = await work();
  return [((await stepOf(id)) - step) / ((performance.now() - start) / 1000), result];
}

const rollout = () => JSON.parse(execFileSync('dotnet', [bench, 'bench', 'rollout', '--model', benchModel ?? model, '--batch-size', String(streams), '--json'], { encoding: 'utf8' })).tokens_per_second;

async function measure(alone) {
  let mixed = 0, failed = 0;
  const firsts = [], rates = [];
  const used = process.cpuUsage();
  const begun = performance.now();
  const results = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    results.push([await Promise.allSettled(Array.from({ length: streams }, (_, i) => send(i, true))), (performance.now() - start) / 1000]);
  }

  const { user, system } = process.cpuUsage(used);
  const cores = (user + system) / 1000 / (performance.now() - begun);
  for (const [answers, seconds] of results) {
    let count = 0;
    answers.forEach((answer, i) => {
      try {
        if (answer.status === 'rejected') throw answer.reason;
        const { first, text, used: spent } = read(answer.value);
        if (text !== alone[i]) mixed++;
        firsts.push(first);
        count += spent;
      } catch (problem) {
        if (failed++ === 0) console.error(String(problem));
      }
    });
    rates.push(count / seconds);
  }

  firsts.sort((a, b) => a - b);
  return {
    streams,
    failed,
    mixed,
    tokens_per_second_median: Math.round(median(rates)),
    tokens_per_second_best: Math.round(Math.max(...rates)),
    first_token_ms_median: Math.round(median(firsts)),
    first_token_ms_p95: Math.round(firsts[Math.ceil(0.95 * firsts.length) - 1]),
    client_cores: Number(cores.toFixed(2)),
  };
}

const alone = [];
for (let i = 0; i < streams; i++) {
  alone.push(JSON.parse((await send(i, false)).text()).choices[0].message.content);
}

const report = {};
if (bench) report.rollout_before = Math.round(rollout());
if (jobFile) {
  const id = await startJob();
  const [quiet] = await speedDuring(id, () => pause(10000));
  const [busy, figures] = await speedDuring(id, () => measure(alone));
  const { status } = await call('GET', `/fine_tuning/jobs/${id}`);
  await call('POST', `/fine_tuning/jobs/${id}/cancel`);
  Object.assign(report, figures, { job_status: status, job_steps_per_second_alone: quiet, job_steps_per_second: busy, job_keeps: Number((busy / quiet).toFixed(2)) });
} else {
  Object.assign(report, await measure(alone));
}

if (bench) {
  report.rollout_after = Math.round(rollout());
  report.fraction_of_rollout = Number((2 * report.tokens_per_second_median / (report.rollout_before + report.rollout_after)).toFixed(3));
}

console.log(JSON.stringify(report));
process.exit(0);
