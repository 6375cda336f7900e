// A process that may be killed or crash: node child.mjs MODULE [ARGS] runs `run(ARGS)` of src/MODULE.ts.
import { loadSource } from './load-source.mjs';

const [module, ...args] = process.argv.slice(2);
const { run } = await loadSource(`/src/${module}.ts`);
await run(args);
process.exit();
