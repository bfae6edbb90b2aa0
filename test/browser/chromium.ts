import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import packed from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

/** Switches of the packed browser that would make a test prove less: its pages must obey the same rules as anybody's. */
const unwanted = [
  /^--disable-web-security/,
  /^--single-process/,
  /^--no-zygote/,
  /^--allow-running-insecure-content/,
  /^--headless/,
  /^--disable-site-isolation-trials/,
];

const ours = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--metrics-recording-only',
  '--no-first-run',
  '--disable-dev-shm-usage',
  // There is none: what would be emulated costs half of the time.
  '--disable-gpu',
  // Nothing but this machine has an address.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
];

export interface Launched {
  readonly browser: Browser;
  /** Ends the browser and takes its folder away. */
  close(): Promise<void>;
}

/**
 * A real Chromium without a screen and without a network. The program comes packed in a development dependency and
 * is unpacked once into the temporary folder, in one piece, so that test files that start together do not meet half of it.
 */
export async function launchChromium(): Promise<Launched> {
  const folder = await unpack();
  const home = await mkdtemp(join(tmpdir(), 'readback-chromium-home-'));
  const args = [
    ...packed.args.filter((arg) => !unwanted.some((pattern) => pattern.test(arg))),
    ...ours,
  ];
  const fonts = existsSync('/etc/fonts/fonts.conf')
    ? {}
    : { FONTCONFIG_PATH: join(folder, 'fonts') };
  const env = { ...process.env, ...fonts, HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home };
  const browser = await chromium.launch({
    executablePath: join(folder, 'chromium'),
    args,
    env,
    headless: true,
    timeout: 60_000,
  });
  return {
    browser,
    close: async () => {
      await browser.close();
      await rm(home, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** The library unpacks into `os.tmpdir()` and takes a half-written file for a whole one: so it gets a folder of its own. */
async function unpack(): Promise<string> {
  const folder = join(tmpdir(), 'readback-chromium-147.0.0');
  if (existsSync(folder)) return folder;
  const draft = await mkdtemp(`${folder}-`);
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = draft;
  const unpacked = packed.executablePath();
  if (before === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = before;
  await unpacked;
  await rename(draft, folder).catch(async (cause: unknown) => {
    await rm(draft, { recursive: true, force: true });
    if (!existsSync(folder)) throw cause;
  });
  return folder;
}
