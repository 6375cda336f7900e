import { ENGINE_NAMES, ENGINES, examineEngines, formatHealth, useEngine } from '@sifaka/backend';
import { doctorCommand } from '@sifaka/backend/internal';
import { getBackend } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

describe('examineEngines', () => {
  it('trains one step on each engine that starts; two engines agree on the loss', async () => {
    const engine = getBackend();
    const [wasm, cpu] = await examineEngines(['wasm', 'cpu']);
    expect(getBackend()).toBe(engine);
    if (!wasm?.works || !cpu?.works) throw new Error(formatHealth([wasm!, cpu!]));
    expect(wasm.loss.after).toBeLessThan(wasm.loss.before);
    expect(wasm.loss.before).toBeCloseTo(cpu.loss.before, 5);
    expect(wasm.loss.after).toBeCloseTo(cpu.loss.after, 5);
  });

  it('prints a line per engine: what works, and what the others need', async () => {
    const found = [
      ...(await examineEngines(['wasm'])),
      { name: 'tensorflow', works: false, device: 'CPU', reason: 'not here', command: 'npm install it' } as const,
    ];
    const [header, wasm, native, ...rest] = formatHealth(found).split('\n');
    expect(header).toMatch(/^engine +version +device +state$/);
    expect(wasm).toMatch(
      /^wasm +4\.22\.0 +CPU, WebAssembly +works: one training step, loss \d\.\d+ -> \d\.\d+, \d+ ms$/,
    );
    expect(native).toMatch(/^tensorflow +- +CPU +not here\. Try: npm install it$/);
    expect(rest).toEqual([]);
  });

  it('gives every engine that fails one line of reason and a command', async () => {
    for (const health of await examineEngines()) {
      if (health.works) continue;
      expect(health.reason).not.toContain('\n');
      expect(health.command).toMatch(/^[^\n]+$/);
      expect(health.device).toBe(ENGINES[health.name].device);
    }
  });
});

describe('doctorCommand', () => {
  const run = async (...args: readonly string[]) => {
    const printed: string[] = [];
    const print = (text: string) => printed.push(text);
    return { code: await doctorCommand(args, { print, printError: print }), text: printed.join('\n') };
  };

  it('prints its usage', async () => {
    const { code, text } = await run('--help');
    expect(code).toBe(0);
    expect(text).toMatch(/^Usage: npx @sifaka\/backend doctor/);
  });

  it('fails if no engine works that auto may choose, and for an unknown engine', async () => {
    expect((await run('wasm')).code).toBe(0);
    expect((await run('cpu', '--json')).code).toBe(1);
    expect(await run('abacus')).toEqual({
      code: 1,
      text: `Unknown engine: abacus. The engines are ${ENGINE_NAMES.join(', ')}`,
    });
    await useEngine('wasm');
  });
});
