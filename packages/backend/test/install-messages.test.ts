import {
  downloadReason,
  explainBinding,
  explainLoadFailure,
  gpuComplaint,
  isOlder,
  npmReason,
  parseCudaRequirements,
  parseDriverVersion,
  pipReason,
  tellingLine,
} from '@sifaka/backend/internal';
import { describe, expect, it } from 'vitest';

// The texts below were printed by the programs themselves, unless a comment says otherwise.

describe('pip', () => {
  it('is quoted by its last error', () => {
    const output = `Looking in indexes: somewhere
ERROR: Could not find a version that satisfies the requirement tensorflow-cpu==2.99.0 (from versions: 2.20.0, 2.21.0)
ERROR: No matching distribution found for tensorflow-cpu==2.99.0
`;
    expect(pipReason(output)).toBe('No matching distribution found for tensorflow-cpu==2.99.0');
  });

  it('names the CUDA wheels in the metadata of the wheel, and no others', () => {
    const metadata = `Requires-Dist: h5py<3.15.0,>=3.11.0
Provides-Extra: and-cuda
Requires-Dist: nvidia-cublas-cu12<13.0,>=12.5.3.2; extra == "and-cuda"
Requires-Dist: nvidia-cudnn-cu12<10.0,>=9.3.0.75; extra == "and-cuda"
Provides-Extra: gcs-filesystem
Requires-Dist: tensorflow-io-gcs-filesystem>=0.23.1; (sys_platform != "win32") and extra == "gcs-filesystem"
`;
    expect(parseCudaRequirements(metadata)).toEqual([
      'nvidia-cublas-cu12<13.0,>=12.5.3.2',
      'nvidia-cudnn-cu12<10.0,>=9.3.0.75',
    ]);
  });
});

describe('npm', () => {
  it.each(['npm error', 'npm ERR!'])('is quoted without the codes that it prints first, after "%s"', (prefix) => {
    const meaning = 'FetchError: request to somewhere failed, reason: connect ECONNREFUSED 127.0.0.1:1';
    const lines = [
      'code ECONNREFUSED',
      'syscall connect',
      'errno ECONNREFUSED',
      meaning,
      '    at Object.<anonymous> (x)',
    ];
    expect(npmReason(lines.map((line) => `${prefix} ${line}\n`).join(''))).toBe(meaning);
    expect(npmReason(`${prefix} code E404\n${prefix} 404 Not Found - GET somewhere\n`)).toBe(
      '404 Not Found - GET somewhere',
    );
    expect(npmReason(`${prefix} code EWHAT\n`)).toBe('code EWHAT');
  });
});

describe("upstream's script", () => {
  it('is quoted by the error that ended it', () => {
    const output = `* Downloading libtensorflow
somewhere/libtensorflow-cpu-linux-x86_64-2.9.1.tar.gz
node:events:497
      throw er; // Unhandled 'error' event
      ^

Error: getaddrinfo ENOTFOUND somewhere
    at GetAddrInfoReqWrap.onlookupall [as oncomplete] (node:dns:122:26)
`;
    expect(downloadReason(output)).toBe('Error: getaddrinfo ENOTFOUND somewhere');
    expect(downloadReason('* Downloading libtensorflow\n')).toBe('nothing was unpacked');
  });
});

describe('a binding that does not load', () => {
  it.each([
    [
      'Error: /x/tfjs_binding.node: undefined symbol: TF_DeleteTensor',
      /lacks the function TF_DeleteTensor, which the binding calls/,
    ],
    // The words of macOS' loader, from its source.
    ['dlopen(/x.node): Symbol not found: _TFE_Execute', /lacks the function TFE_Execute,/],
    [
      "Error: /lib/x86_64-linux-gnu/libm.so.6: version `GLIBC_2.38' not found (required by /x/libtensorflow_cc.so.2)",
      /needs a newer system: GLIBC_2\.38 is missing/,
    ],
    [
      'Error: libtensorflow_cc.so.2: cannot open shared object file: No such file or directory',
      /does not load: Error: libtensorflow_cc\.so\.2: cannot open/,
    ],
  ])('is explained: %s', (output, expected) => {
    expect(explainBinding(output, null)).toMatch(expected);
  });

  it('may end the process: a processor without the instructions, or anything else', () => {
    expect(explainBinding('', 'SIGILL')).toMatch(/processor lacks instructions/);
    expect(explainBinding('', 'SIGSEGV')).toBe('loading libtensorflow ended the process (SIGSEGV)');
  });
});

describe('explainLoadFailure', () => {
  it.each([
    [
      'The Node.js native addon module (tfjs_binding.node) can not be found at path: /x/tfjs_binding.node. ',
      'not built',
      '',
    ],
    [
      'libtensorflow_cc.so.2: cannot open shared object file: No such file or directory',
      'libtensorflow_cc.so.2 was moved or deleted',
      ' --force',
    ],
    ['/x/tfjs_binding.node: undefined symbol: TF_Foo', '/x/tfjs_binding.node: undefined symbol: TF_Foo', ' --force'],
  ])('%s', (line, reason, flag) => {
    const explained = explainLoadFailure('tensorflow-gpu', line);
    expect(explained.reason).toContain(reason);
    expect(explained.command).toBe(`npx @sifaka/backend install tensorflow-gpu${flag}`);
  });
});

describe('the NVIDIA driver', () => {
  it('has its version in the text of either kernel module', () => {
    // From NVIDIA's documentation of both kernel modules.
    const closed =
      'NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug 19 01:15:15 UTC 2023\nGCC version: 12\n';
    const open = 'NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  560.35.03  Release Build  (dvs-builder)\n';
    expect(parseDriverVersion(closed)).toBe('535.104.05');
    expect(parseDriverVersion(open)).toBe('560.35.03');
    expect(parseDriverVersion('something else')).toBeUndefined();
  });

  it('is compared number by number', () => {
    expect(isOlder('470.256.02', '525.60.13')).toBe(true);
    expect(isOlder('525.60.13', '525.60.13')).toBe(false);
    expect(isOlder('525.105.17', '525.60.13')).toBe(false);
    expect(isOlder('1000.0', '525.60.13')).toBe(false);
    expect(isOlder('525.60', '525.60.13')).toBe(true);
  });

  it('is quoted from the log of libtensorflow, without timestamp and source location', () => {
    const log = `WARNING: All log messages before absl::InitializeLog() is called are written to STDERR
I0000 00:00:1795371031.447082    4556 cpu_feature_guard.cc:227] This TensorFlow binary is optimized to use available CPU instructions in performance-critical operations.
To enable the following instructions: AVX2 FMA, in other operations, rebuild TensorFlow with the appropriate compiler flags.
E0000 00:00:1795371031.447876    4556 cuda_platform.cc:52] failed call to cuInit: INTERNAL: CUDA error: Failed call to cuInit: UNKNOWN ERROR (303)
`;
    const complaint = 'failed call to cuInit: INTERNAL: CUDA error: Failed call to cuInit: UNKNOWN ERROR (303)';
    expect(gpuComplaint(log)).toBe(complaint);
    expect(gpuComplaint('nothing of the kind')).toBeUndefined();
    // libtensorflow 2.9 logged in this form.
    const old =
      "2022-07-01 10:00:00.123456: W tensorflow/stream_executor/platform/default/dso_loader.cc:64] Could not load dynamic library 'libcudart.so.11.0'; dlerror: libcudart.so.11.0: cannot open shared object file";
    expect(gpuComplaint(old)).toMatch(/^Could not load dynamic library 'libcudart\.so\.11\.0'/);
  });
});

describe('tellingLine', () => {
  it('is the first line that mentions an error, otherwise the last line', () => {
    expect(tellingLine('compiling\nx.cc:1:10: error: no\nmake: failed\n')).toBe('x.cc:1:10: error: no');
    expect(tellingLine('one\ntwo\n\n')).toBe('two');
    expect(tellingLine('')).toBe('no output');
  });
});
