// The loop of a contender's process, like answer_questions.py. Questions and answers are lines of JSON:
//
//   {"do": "start"} → version, device, threads; or reason and command
//   {"do": "setUp", "key": KEY, "workload": NAME, "options": {…}, "folder": DIR}
//     → check: values that all contenders must agree on
//   {"do": "run", "key": KEY, "times": K} → milliseconds: [K], cpuMilliseconds: [K] of all threads
//   {"do": "tearDown", "key": KEY} → {}
//   {"do": "memory"} → peakMiB so far, presentMiB now
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

export async function answerQuestions({ start, setUp }) {
  const works = new Map();
  const answers = {
    start,
    async setUp(question) {
      const work = await setUp(question);
      works.set(question.key, work);
      return { check: (await work.check?.()) ?? {} };
    },
    async run({ key, times }) {
      const work = works.get(key);
      const milliseconds = [];
      const cpuMilliseconds = [];
      for (let i = 0; i < times; i++) {
        const cpu = process.cpuUsage();
        const started = performance.now();
        await work.run();
        milliseconds.push(performance.now() - started);
        const { user, system } = process.cpuUsage(cpu);
        cpuMilliseconds.push((user + system) / 1000);
      }
      return { milliseconds, cpuMilliseconds };
    },
    async tearDown({ key }) {
      await works.get(key).dispose?.();
      works.delete(key);
      globalThis.gc?.();
      return {};
    },
    memory: async () => memory(),
  };
  for await (const line of createInterface({ input: process.stdin })) {
    const question = JSON.parse(line);
    let answer;
    try {
      answer = await answers[question.do](question);
    } catch (error) {
      answer = { reason: error.stack };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
  process.exit(0); // engines keep threads and timers
}

function memory() {
  const status = readFileSync('/proc/self/status', 'utf8');
  const mebibytes = (name) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)[1]) / 1024;
  return { peakMiB: mebibytes('VmHWM'), presentMiB: mebibytes('VmRSS') };
}
