import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { tokenizersFile } from '../optional-packages.js';
import { quotedFile } from '../quoted-file.js';
import { bytePairJson, type Merge } from './byte-pair-json.js';
import { cutLongWords } from './cut-long-words.js';
import { TokenizerError } from './tokenizer-error.js';
import { TRAIN_PROGRAM } from './train-program.js';

/** The library's trainer has no options in Node and stops at this size. */
export const LARGEST_VOCABULARY = 30_000;

// One write per text would be slow, and one string of all texts would be large.
const CHUNK_CHARACTERS = 1 << 20;

export interface LearnMergesOptions {
  readonly lowercase: boolean;
  readonly maxWordLength: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Learns byte-pair merges with the `tokenizers` library, the most frequent pair first. The library reads and writes
 * files. They are in a private temporary folder, which is removed afterwards.
 *
 * @throws the signal's reason once it is aborted.
 */
export async function learnMerges(
  texts: Iterable<string>,
  { lowercase, maxWordLength, signal }: LearnMergesOptions,
): Promise<Merge[]> {
  signal?.throwIfAborted();
  const library = tokenizersFile('TextTokenizer.train');
  const folder = await mkdtemp(path.join(tmpdir(), 'sifaka-tokenizer-'));
  try {
    const corpus = path.join(folder, 'texts.txt');
    // Training must split words in the same way as encoding, so it starts from the same pipeline.
    const pipeline = path.join(folder, 'pipeline.json');
    await write(corpus, chunks(texts, maxWordLength, signal));
    await write(pipeline, bytePairJson([], lowercase));
    const trained = path.join(folder, 'tokenizer.json');
    await runProgram([library, pipeline, corpus, trained, folder, String(process.pid)], signal);
    const { model } = JSON.parse(await readFile(trained, 'utf8')) as { model: { merges: Merge[] } };
    return model.merges;
  } finally {
    // Retried, because a killed process may still be writing while it ends.
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function write(file: string, content: string | Iterable<string>): Promise<void> {
  try {
    await writeFile(file, content);
  } catch (cause) {
    if (!(cause instanceof Error && 'syscall' in cause)) throw cause; // from `content`
    throw new Error(`TextTokenizer.train: cannot write ${quotedFile(file)}: ${cause.message}`, { cause });
  }
}

async function runProgram(parameters: readonly string[], signal: AbortSignal | undefined): Promise<void> {
  try {
    // SIGKILL, because the library does not return to Node before it has finished.
    const options = { killSignal: 'SIGKILL', ...(signal && { signal }) } as const;
    await promisify(execFile)(process.execPath, ['--eval', TRAIN_PROGRAM, ...parameters], options);
  } catch (cause) {
    signal?.throwIfAborted();
    // The message of execFile holds the whole program.
    const { code, signal: killed, stderr } = cause as { code?: unknown; signal?: unknown; stderr?: string };
    const output = stderr?.trim().split('\n').at(-1) || 'without a message';
    throw new Error(`TextTokenizer.train: the training process failed (${killed ?? code}): ${output.slice(0, 300)}`, {
      cause,
    });
  }
}

function* chunks(texts: Iterable<string>, maxWordLength: number, signal: AbortSignal | undefined): Generator<string> {
  let chunk = '';
  let index = 0;
  let empty = true;
  for (const text of texts) {
    if (typeof text !== 'string') {
      throw new TokenizerError('texts', `TextTokenizer.train: expected strings, got ${typeof text} at ${index}`);
    }
    if (empty && text.trim() !== '') empty = false;
    chunk += `${cutLongWords(text, maxWordLength)}\n`;
    if (chunk.length >= CHUNK_CHARACTERS) {
      yield chunk;
      signal?.throwIfAborted();
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
