import { describePretrained } from '@sifaka/encoders';
import { openPretrained } from '@sifaka/encoders/node';
import { describe, expect, it } from 'vitest';
import { CHECKPOINT, type Files, folderMaker } from './tiny-checkpoint.js';

const makeFolder = folderMaker();

describe('licences', () => {
  const { 'README.md': _, ...bare } = CHECKPOINT;
  const card = (front: string) => ({ ...bare, 'README.md': `---\r\n${front}\r\n---\r\nlicense: not this one` });
  const restricts = 'which may restrict use: read it first';

  it.each<[Files, string | undefined, string]>([
    [bare, undefined, 'no licence stated: ask its owner before you use it'],
    [{ ...bare, 'README.md': 'license: mit' }, undefined, 'no licence stated: ask its owner before you use it'],
    [card('license: "mit" # fine'), 'mit', 'licence mit'],
    [card('license:\n- mit\n- cc-by-4.0\ntags: [a]'), 'mit, cc-by-4.0', 'licence mit, cc-by-4.0'],
    [card('license: [mit, gpl-3.0]'), 'mit, gpl-3.0', `licence mit, gpl-3.0, ${restricts}`],
    [
      card('license: cc-by-nc-4.0'),
      'cc-by-nc-4.0',
      'licence cc-by-nc-4.0, which forbids commercial use: read it first',
    ],
    [
      card('license: other\nlicense_name: zoo\nlicense_link: https://zoo.test/terms'),
      'zoo (https://zoo.test/terms)',
      `licence zoo (https://zoo.test/terms), ${restricts}`,
    ],
    [card('license: other'), 'other', `licence other, ${restricts}`],
    [
      { ...bare, 'LICENSE.txt': 'MIT License\n\nCopyright' },
      'MIT License (file LICENSE.txt)',
      'licence MIT License (file LICENSE.txt)',
    ],
    [
      { ...bare, LICENSE: '\n  \x1b[2J Zoo  License\nVersion 1' },
      '[2J Zoo  License (file LICENSE)',
      `licence [2J Zoo  License (file LICENSE), ${restricts}`,
    ],
  ])('%# are read and shown', async (files, licence, note) => {
    const folder = makeFolder(files);
    const opened = await openPretrained(folder);
    expect(opened.licence).toBe(licence);
    expect(describePretrained(opened)).toBe(`${folder}: bert, 20 weights in 4 tensors (BF16, F16, F32, I64), ${note}`);
  });
});
