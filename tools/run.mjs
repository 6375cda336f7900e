// The two commands of a fresh clone, with Node and npm only: fetches pnpm at the version that package.json pins, installs, and goes on.
import { spawnSync } from 'node:child_process';
