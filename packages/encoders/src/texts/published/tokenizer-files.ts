import type { PretrainedFiles } from '../../pretrained/pretrained-files.js';
import { isNestedDeeper } from '../is-nested-deeper.js';
import { TokenizerError } from '../tokenizer-error.js';

/** The files of a checkpoint that determine its tokens. */
export type TokenizerFiles = Pick<PretrainedFiles, 'name' | 'config' | 'tokenizer' | 'tokenizerConfig'>;

type Json = Readonly<Record<string, unknown>>;

interface SavedTokenizer {
  readonly normalizer?: Step | null;
  readonly pre_tokenizer?: Step | null;
  readonly padding?: { readonly pad_id?: unknown } | null;
  readonly added_tokens?: readonly { readonly id: number; readonly content: string }[];
}

/** A normalizer or pre-tokenizer, or a sequence of them. */
interface Step {
  readonly type: string;
  readonly normalizers?: readonly Step[];
  readonly pretokenizers?: readonly Step[];
}

/** What tokenizer.json and tokenizer_config.json say together. */
export interface PreparedTokenizer {
  /** tokenizer.json with the settings of tokenizer_config.json in it. */
  readonly json: string;
  /** The padding token by its text, or by its id. */
  readonly padding: string | number;
  /** Most tokens of a row, if the files name it. */
  readonly maxLength: number | undefined;
}

/** Levels of brackets in a tokenizer.json, of which published ones have about ten. */
const DEPTH = 32;

/** A length that means "no limit" in tokenizer_config.json is 1e30. */
const LONGEST = 1e6;

/**
 * Puts settings of tokenizer_config.json into tokenizer.json, where transformers lets them win: lower case, accents and
 * Chinese characters of BERT, the first space of byte-level tokenizers. SigLIP 2's texts become lower case.
 *
 * @throws {@link TokenizerError} naming the file or the setting that is missing, or that rows of a `TokenBatch` cannot
 *   follow.
 */
export function prepareTokenizer({ name, config, tokenizer, tokenizerConfig = {} }: TokenizerFiles): PreparedTokenizer {
  if (tokenizer === undefined) throw refuse(name, 'a tokenizer.json', 'none');
  const saved = parse(name, tokenizer);
  for (const side of ['padding_side', 'truncation_side'] as const) {
    const value = tokenizerConfig[side];
    if (value !== undefined && value !== 'right') throw refuse(name, `${side} 'right'`, JSON.stringify(value));
  }
  assertAddedTokens(name, saved, tokenizerConfig);
  const padding = paddingToken(saved, config, tokenizerConfig);
  if (padding === undefined) throw refuse(name, 'a pad_token in tokenizer_config.json', 'none');
  const { model_max_length: longest } = tokenizerConfig;
  return {
    json: withSettings(saved, tokenizerConfig, isLowerCased(config)) ?? tokenizer,
    padding,
    maxLength: typeof longest === 'number' && longest <= LONGEST ? longest : undefined,
  };
}

export function refuse(name: string, expected: string, got: string, cause?: unknown): TokenizerError {
  return new TokenizerError('format', `PublishedTokenizer: ${name}: expected ${expected}, got ${got}`, { cause });
}

function parse(name: string, text: string): SavedTokenizer {
  // Steps within steps are visited by recursion.
  if (isNestedDeeper(text, DEPTH)) throw refuse(name, `at most ${DEPTH} levels of brackets in tokenizer.json`, 'more');
  try {
    const saved: unknown = JSON.parse(text);
    if (typeof saved === 'object' && saved !== null) return saved;
  } catch (error) {
    throw refuse(name, 'JSON in tokenizer.json', 'other text', error);
  }
  throw refuse(name, 'an object in tokenizer.json', text.slice(0, 20));
}

/** Tokens that only tokenizer_config.json has would silently be split. */
function assertAddedTokens(name: string, { added_tokens = [] }: SavedTokenizer, config: Json): void {
  const known = new Map(added_tokens.map(({ id, content }) => [id, content]));
  const listed = (config['added_tokens_decoder'] ?? {}) as Readonly<Record<string, { readonly content?: unknown }>>;
  for (const [id, { content }] of Object.entries(listed)) {
    if (known.get(Number(id)) === content) continue;
    const got = known.has(Number(id)) ? JSON.stringify(known.get(Number(id))) : 'none';
    throw refuse(name, `the added token ${id} ${JSON.stringify(content)} in tokenizer.json`, got);
  }
}

function paddingToken(saved: SavedTokenizer, config: Json, tokenizerConfig: Json): string | number | undefined {
  const named = tokenizerConfig['pad_token'] as string | { readonly content?: string } | null | undefined;
  const content = typeof named === 'object' ? named?.content : named;
  if (typeof content === 'string') return content;
  // Early checkpoints leave what the class of the tokenizer implies to other files.
  const ids = [saved.padding?.pad_id, config['pad_token_id']];
  return ids.find((id): id is number => typeof id === 'number');
}

/** Names in tokenizer_config.json and in the steps of tokenizer.json. */
const SETTINGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  BertNormalizer: {
    do_lower_case: 'lowercase',
    strip_accents: 'strip_accents',
    tokenize_chinese_chars: 'handle_chinese_chars',
  },
  ByteLevel: { add_prefix_space: 'add_prefix_space' },
};

/** SigLIP 2 was trained on lower case, but its files are those of Gemma's tokenizer. */
function isLowerCased({ model_type: type }: Json): boolean {
  return type === 'siglip2' || type === 'siglip2_text_model';
}

/** @returns undefined if nothing changes. */
function withSettings(saved: SavedTokenizer, config: Json, lowerCased: boolean): string | undefined {
  let changed = lowerCased;
  const visit = (step: Step): Step => {
    if (step.type === 'Sequence') {
      return {
        ...step,
        ...(step.normalizers && { normalizers: step.normalizers.map(visit) }),
        ...(step.pretokenizers && { pretokenizers: step.pretokenizers.map(visit) }),
      };
    }
    const own = step as unknown as Json;
    const settings = Object.entries(SETTINGS[step.type] ?? {})
      .filter(([from, to]) => config[from] !== undefined && config[from] !== own[to])
      .map(([from, to]) => [to, config[from]]);
    if (settings.length === 0) return step;
    changed = true;
    return { ...step, ...Object.fromEntries(settings) };
  };
  const own = saved.normalizer && visit(saved.normalizer);
  const normalizer = lowerCased
    ? { type: 'Sequence', normalizers: [{ type: 'Lowercase' }, ...(own ? [own] : [])] }
    : own;
  const pre_tokenizer = saved.pre_tokenizer && visit(saved.pre_tokenizer);
  return changed ? JSON.stringify({ ...saved, normalizer, pre_tokenizer }) : undefined;
}
