// Sifaka's contender: `node engine-worker.mjs ENGINE`, where ENGINE is `node` for work without tensors. It answers
// questions on standard input; see answer-questions.mjs.
import { EngineError, useEngine } from '@sifaka/backend';
import { answerQuestions } from './answer-questions.mjs';

const [, , name] = process.argv;

await answerQuestions({
  async start() {
    if (name === 'node') return { version: `Node ${process.versions.node}`, threads: 0 };
    let engine;
    try {
      engine = await useEngine(name);
    } catch (error) {
      if (!EngineError.isInstance(error)) throw error;
      return { reason: error.reason, command: error.command };
    }
    return { version: `${engine.packageName} ${engine.version}`, device: engine.device, threads: engine.threads };
  },
  async setUp({ workload, options, folder }) {
    const { setUp } = await import(`./workloads/${workload}.mjs`);
    return setUp({ ...options, folder });
  },
});
