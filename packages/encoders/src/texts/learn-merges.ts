import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { tokenizersFile } from '../optional-packages.js';
import { bytePairJson, type Merge } from './byte-pair-json.js';
import { TokenizerError } from './tokenizer-error.js';

/** The library's trainer takes no options in Node and stops at this many entries. */
export const LARGEST_VOCABULARY = 30_000;

// One write per text would be slow, one string of all texts large.
const CHUNK_CHARACTERS = 1 << 20;

// In a process of its own: the library draws progress bars on the terminal, prints blank lines to standard output, aborts the
// whole process where that is closed (`| head`), and holds up the event loop.
const TRAIN = `
  const [library, pipeline, corpus, trained] = process.argv.slice(1);
  const { Tokenizer } = require(library);
  const tokenizer = Tokenizer.fromFile(pipeline);
  tokenizer.train([corpus]);
  tokenizer.save(trained);
`;

/**
 * Learns byte-pair merges, most frequent pair first, with the `tokenizers` library, which reads files and writes files:
 * both go through a folder that is private to the user and gone afterwards.
 */
export async function learnMerges(texts: Iterable<string>, lowercase: boolean): Promise<Merge[]> {
  const library = tokenizersFile('TextTokenizer.train');
  const folder = await mkdtemp(path.join(tmpdir(), 'sifaka-tokenizer-'));
  try {
    const corpus = path.join(folder, 'texts.txt');
    await writeFile(corpus, chunks(texts));
    // Training begins with the pipeline alone: what the words are cut into must be what encoding will see.
    const pipeline = path.join(folder, 'pipeline.json');
    await writeFile(pipeline, bytePairJson([], lowercase));
    const trained = path.join(folder, 'tokenizer.json');
    await promisify(execFile)(process.execPath, ['--eval', TRAIN, library, pipeline, corpus, trained]);
    const { model } = JSON.parse(await readFile(trained, 'utf8')) as { model: { merges: Merge[] } };
    return model.merges;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function* chunks(texts: Iterable<string>): Generator<string> {
  let chunk = '';
  let position = 0;
  let empty = true;
  for (const text of texts) {
    if (typeof text !== 'string') {
      throw new TokenizerError('texts', `TextTokenizer.train: expected strings, got ${typeof text} at ${position}`);
    }
    if (empty && text.trim() !== '') empty = false;
    chunk += `${text}\n`;
    if (chunk.length >= CHUNK_CHARACTERS) {
      yield chunk;
      chunk = '';
    }
    position++;
  }
  if (empty) {
    throw new TokenizerError('texts', `TextTokenizer.train: expected a text, got ${position} that are all empty`);
  }
  yield chunk;
}
