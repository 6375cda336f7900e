// Checks that every relative link in a Markdown file leads to a file and, if it has an anchor, to one of its headings.
// Part of `npm run lint`.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { root } from './pinned-pnpm.mjs';

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], { cwd: root })
  .toString()
  .trim()
  .split('\n')
  .filter((file) => existsSync(path.join(root, file)));
const broken = files.flatMap((file) =>
  relativeLinks(file)
    .filter((link) => !resolves(file, link))
    .map((link) => `${file}: ${link}`),
);
for (const line of broken) console.error(`Broken link in ${line}`);
process.exitCode = broken.length === 0 ? 0 : 1;

function relativeLinks(file) {
  const targets = [...withoutCode(file).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]);
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

function resolves(file, link) {
  const [target, anchor] = link.split('#');
  const found = target === '' ? path.join(root, file) : path.join(root, path.dirname(file), target);
  if (!existsSync(found)) return false;
  if (anchor === undefined) return true;
  return headings(statSync(found).isDirectory() ? path.join(found, 'README.md') : found).includes(anchor);
}

/** The anchors that GitHub derives from a file's headings. */
function headings(file) {
  return [...withoutCode(file).matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function withoutCode(file) {
  return readFileSync(path.resolve(root, file), 'utf8').replace(/^```[\s\S]*?^```/gm, '');
}
