import { existsSync } from 'node:fs';

/** A tool that the system's package manager can install. */
export type SystemTool = 'compiler' | 'python' | 'npm';

interface Manager {
  readonly binary: string;
  readonly install: string;
  readonly packages: Readonly<Record<SystemTool, string>>;
}

const MANAGERS: readonly Manager[] = [
  {
    binary: '/usr/bin/apt-get',
    install: 'sudo apt-get install -y',
    packages: { compiler: 'g++', python: 'python3-pip', npm: 'npm' },
  },
  {
    binary: '/usr/bin/dnf',
    install: 'sudo dnf install -y',
    packages: { compiler: 'gcc-c++', python: 'python3-pip', npm: 'nodejs-npm' },
  },
  {
    binary: '/usr/bin/zypper',
    install: 'sudo zypper install -y',
    packages: { compiler: 'gcc-c++', python: 'python3-pip', npm: 'npm-default' },
  },
  {
    binary: '/usr/bin/pacman',
    install: 'sudo pacman -S --needed',
    packages: { compiler: 'gcc', python: 'python-pip', npm: 'npm' },
  },
];

/** The command that installs a missing tool on this machine. */
export function systemCommand(tool: SystemTool): string {
  if (process.platform === 'darwin') return tool === 'npm' ? 'brew install node' : 'xcode-select --install';
  const manager = MANAGERS.find(({ binary }) => existsSync(binary)) ?? MANAGERS[0]!;
  return `${manager.install} ${manager.packages[tool]}`;
}
