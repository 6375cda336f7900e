import { z } from 'zod';

/** A schema that refuses unknown keys. The compiler checks its keys and value types against the options interface. */
export function group<Options extends object>() {
  return <Shape extends { readonly [Key in keyof Required<Options>]: z.ZodType<Options[Key]> }>(
    shape: Shape,
  ): z.ZodObject<Shape, z.core.$strict> => z.strictObject(shape);
}

/** A whole number from 0. */
export const count: z.ZodInt = z.int().min(0);
/** A whole number from 1. */
export const positive: z.ZodInt = z.int().min(1);
/** A number from 0. */
export const amount: z.ZodNumber = z.number().min(0);
/** From 0 to 1. */
export const share: z.ZodNumber = z.number().min(0).max(1);
/** A string that is not empty. */
export const text: z.ZodString = z
  .string()
  .refine((value) => value !== '', { error: 'expected a string that is not empty, got ""' });
