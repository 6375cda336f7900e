/** A checkpoint in Hugging Face's layout, wherever it lies. */
export interface PretrainedFiles {
  /** Its folder, or `owner/name@revision`. For messages. */
  readonly name: string;
  /** `config.json` */
  readonly config: Readonly<Record<string, unknown>>;
  /** `preprocessor_config.json` */
  readonly preprocessor?: Readonly<Record<string, unknown>>;
  /** Text of `tokenizer.json`. */
  readonly tokenizer?: string;
  /** `tokenizer_config.json` */
  readonly tokenizerConfig?: Readonly<Record<string, unknown>>;
  /** From the model card's front matter or the file `LICENSE`, if known. */
  readonly licence?: string;
  readonly weights: PretrainedWeights;
}

export interface PretrainedWeights {
  /** Every tensor of the file or of all shards: shape and dtype, without reading data. */
  readonly entries: ReadonlyMap<string, { readonly shape: readonly number[]; readonly dtype: string }>;
  /** Values widened to float32 (from float32, float16, bfloat16). */
  read(name: string): Promise<Float32Array>;
}
