import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where packages of Chromium and Chrome put their program, by platform. */
const USUAL: Partial<Record<NodeJS.Platform, string[]>> = {
  linux: [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/usr/bin/google-chrome-stable',
    '/opt/google/chrome/chrome',
    '/snap/bin/chromium',
  ],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  win32: [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  ],
};

/** What is said where there is no Chromium: what to install, and how to name one that stands elsewhere. */
export const NO_CHROMIUM =
  'there is no Chromium on this machine: install one (Debian and Ubuntu: apt-get install chromium; macOS: brew install ' +
  '--cask chromium; or Google Chrome), or name its program in BRIKK_CHROMIUM';

/** The local Chromium: that of `BRIKK_CHROMIUM` or `CHROME_PATH`, else the first at a usual place; undefined: none. */
export function findChromium(
  environment: NodeJS.ProcessEnv = process.env,
  isThere: (path: string) => boolean = existsSync,
): string | undefined {
  const named = environment.BRIKK_CHROMIUM || environment.CHROME_PATH;
  // Who names one means that one: another would be a surprise.
  if (named) return isThere(named) ? named : undefined;
  return USUAL[process.platform]?.find(isThere);
}

/** Without a window. Its sandbox is on, but for root, for whom Chromium refuses to have one. */
export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0 });
}
