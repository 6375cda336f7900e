/**
 * Explains why Dawn offers no adapter. Only on Linux does the user install the parts: a Vulkan loader
 * (`libvulkan.so.1`) and a driver, which a manifest (`*_icd.json`) announces.
 */
export function explainNoAdapter(): { reason: string; command: string } {
  if (globalThis.process?.platform !== 'linux') {
    return { reason: 'WebGPU offers no adapter', command: 'update the graphics driver' };
  }
  if (!hasVulkanLoader()) {
    return { reason: 'the Vulkan loader libvulkan.so.1 is missing', command: 'apt-get install libvulkan1' };
  }
  const drivers = driverManifests();
  if (drivers.length === 0) {
    // NVIDIA's own driver includes its manifest; in a container, the host must mount it.
    return { reason: 'no Vulkan driver is installed', command: 'apt-get install mesa-vulkan-drivers' };
  }
  return {
    reason: `no Vulkan driver works here (found ${drivers.join(', ')})`,
    command: 'apt-get install vulkan-tools && vulkaninfo --summary',
  };
}

function hasVulkanLoader(): boolean {
  const { existsSync } = process.getBuiltinModule('node:fs');
  const triplet = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }[process.arch as string] ?? '';
  const system = [
    '/usr/lib',
    '/usr/lib64',
    '/usr/local/lib',
    '/lib',
    '/lib64',
    `/usr/lib/${triplet}`,
    `/lib/${triplet}`,
  ];
  return [...(process.env['LD_LIBRARY_PATH'] ?? '').split(':'), ...system].some(
    (folder) => folder !== '' && existsSync(`${folder}/libvulkan.so.1`),
  );
}

/** Searches as the Vulkan loader does, after its documentation ("LoaderDriverInterface", Driver Discovery on Linux). */
function driverManifests(): string[] {
  const { existsSync, readdirSync } = process.getBuiltinModule('node:fs');
  const { XDG_DATA_HOME, HOME, XDG_DATA_DIRS, XDG_CONFIG_DIRS, VK_DRIVER_FILES, VK_ICD_FILENAMES } = process.env as {
    readonly [name: string]: string | undefined;
  };
  const named = VK_DRIVER_FILES ?? VK_ICD_FILENAMES;
  if (named !== undefined) return named.split(':').filter((file) => file !== '' && existsSync(file));
  const roots = [
    ...(XDG_CONFIG_DIRS ?? '/etc/xdg').split(':'),
    '/etc',
    XDG_DATA_HOME ?? `${HOME}/.local/share`,
    ...(XDG_DATA_DIRS ?? '/usr/local/share:/usr/share').split(':'),
  ];
  return roots.flatMap((root) => {
    const folder = `${root}/vulkan/icd.d`;
    if (root === '' || !existsSync(folder)) return [];
    return readdirSync(folder)
      .filter((file) => file.endsWith('.json'))
      .map((file) => `${folder}/${file}`);
  });
}
