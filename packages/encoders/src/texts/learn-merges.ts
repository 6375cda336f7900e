import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { tokenizersFile } from '../optional-packages.js';
import { bytePairJson, type Merge } from './byte-pair-json.js';
import { TokenizerError } from './tokenizer-error.js';

/** The library's trainer has no options in Node and stops at this size. */
export const LARGEST_VOCABULARY = 30_000;

// One write per text would be slow, and one string of all texts would be large.
const CHUNK_CHARACTERS = 1 << 20;

// Runs in its own process, because the library draws progress bars on the terminal, prints blank lines to standard
// output, aborts the process if that is closed (`| head`), and blocks the event loop.
const TRAIN = `
  const [library, pipeline, corpus, trained] = process.argv.slice(1);
  const { Tokenizer } = require(library);
  const tokenizer = Tokenizer.fromFile(pipeline);
  tokenizer.train([corpus]);
  tokenizer.save(trained);
`;

/**
 * Learns byte-pair merges with the `tokenizers` library, the most frequent pair first. The library reads and writes
 * files. They are in a private temporary folder, which is removed afterwards.
 */
export async function learnMerges(texts: Iterable<string>, lowercase: boolean): Promise<Merge[]> {
  const library = tokenizersFile('TextTokenizer.train');
  const folder = await mkdtemp(path.join(tmpdir(), 'sifaka-tokenizer-'));
  try {
    const corpus = path.join(folder, 'texts.txt');
    await writeFile(corpus, chunks(texts));
    // Training must split words in the same way as encoding, so it starts from the same pipeline.
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
  let index = 0;
  let empty = true;
  for (const text of texts) {
    if (typeof text !== 'string') {
      throw new TokenizerError('texts', `TextTokenizer.train: expected strings, got ${typeof text} at ${index}`);
    }
    if (empty && text.trim() !== '') empty = false;
    chunk += `${text}\n`;
    if (chunk.length >= CHUNK_CHARACTERS) {
      yield chunk;
      chunk = '';
    }
    index++;
  }
  if (empty) {
    throw new TokenizerError(
      'texts',
      `TextTokenizer.train: expected a text that is not empty, got ${index} empty texts`,
    );
  }
  yield chunk;
}
