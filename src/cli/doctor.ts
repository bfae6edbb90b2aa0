import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { type LoadedConfig, loadConfig } from '../config.ts';
import { StoreError } from '../contracts/error.ts';
import type { StoreFigures } from '../contracts/store.ts';
import { type CliContext, type ExitCode, exitDone, exitFailed } from './context.ts';
import { askControl } from './control-client.ts';
import { socketPath } from './control-protocol.ts';
import { databaseFile, findData, type LocationOptions, withRecords } from './location.ts';
import { tableLines } from './table.ts';

export interface DoctorOptions extends LocationOptions {
  readonly json?: boolean;
}

/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  readonly level: 'ok' | 'warn' | 'fail';
  readonly text: string;
}

const nodeMin = [20, 19] as const;
const freeBytesMin = 100 * 1_024 * 1_024;

/** `readback doctor`: looks at what a start needs. Exit 1 when something would fail. Changes nothing. */
export async function doctorCommand(
  context: CliContext,
  options: DoctorOptions,
): Promise<ExitCode> {
  const checks = [checkNode(process.versions.node)];
  const loaded = await look(checks, 'config', () =>
    loadConfig({ file: options.config, env: context.env, cwd: context.cwd }),
  );
  if (loaded !== undefined) checks.push(...checkConfig(loaded, context.cwd));
  const data = await findData(context, options).catch(() => undefined);
  if (data !== undefined) checks.push(...checkData(data), ...(await checkDatabase(context, data)));
  if (data !== undefined && loaded !== undefined)
    checks.push(...(await checkRunning(context, data, loaded)));
  const ok = checks.every((check) => check.level !== 'fail');
  if (options.json) context.json({ ok, checks });
  else
    context.out(
      `${tableLines(columns, checks).join('\n')}\n${ok ? 'Fit to start.' : 'Not fit to start.'}\n`,
    );
  return ok ? exitDone : exitFailed;
}

const columns = [
  { title: 'CHECK', cell: (check: Check) => check.name },
  { title: 'RESULT', cell: (check: Check) => check.level },
  { title: 'WHAT WAS FOUND', cell: (check: Check) => check.text },
] as const;

/** What `run` gives; a throw becomes a failed check with its message. */
async function look<T>(
  checks: Check[],
  name: string,
  run: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    checks.push({
      name,
      level: 'fail',
      text: error instanceof Error ? error.message : String(error),
    });
    return undefined;
  }
}

export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const fits = major > nodeMin[0] || (major === nodeMin[0] && minor >= nodeMin[1]);
  const text = fits ? version : `got ${version}; allowed: ${nodeMin.join('.')} or later`;
  return { name: 'node', level: fits ? 'ok' : 'fail', text };
}

function checkConfig({ config, file, warnings }: LoadedConfig, cwd: string): readonly Check[] {
  const where =
    file === undefined ? 'no file, defaults and environment' : path.relative(cwd, file) || file;
  const workers = config.workers.map((worker) => worker.name).join(', ');
  return [
    { name: 'config', level: 'ok', text: where },
    workers === ''
      ? { name: 'workers', level: 'fail', text: 'none: `readback start` needs at least one' }
      : { name: 'workers', level: 'ok', text: workers },
    ...warnings.map((text): Check => ({ name: 'config', level: 'warn', text })),
  ];
}

/** Can it be written, and by nobody else? */
function checkData(data: string): readonly Check[] {
  const name = 'data';
  if (!existsSync(data))
    return [{ name, level: 'ok', text: `${data} will be made at the first start` }];
  const probe = path.join(data, `.doctor-${process.pid}`);
  try {
    const file = openSync(probe, 'wx', 0o600);
    writeSync(file, 'x');
    fsyncSync(file);
    closeSync(file);
    rmSync(probe);
  } catch (error) {
    return [
      {
        name,
        level: 'fail',
        text: `${data} cannot be written (${(error as NodeJS.ErrnoException).code})`,
      },
    ];
  }
  const { bavail, bsize } = statfsSync(data);
  const free = bavail * bsize;
  const enough = free >= freeBytesMin;
  const text = `${data} can be written, ${Math.floor(free / 1_024 / 1_024)} MiB free`;
  return [{ name, level: enough ? 'ok' : 'warn', text }, ...checkModes(data)];
}

function checkModes(data: string): readonly Check[] {
  if (process.platform === 'win32') return [];
  const open = [data, databaseFile(data), path.join(data, 'webchat.key')].filter((file) => {
    const found = statSync(file, { throwIfNoEntry: false });
    const others = file.endsWith('.key') ? 0o077 : 0o002;
    return found !== undefined && (found.mode & others) !== 0;
  });
  return open.map((file) => ({
    name: 'mode',
    level: 'warn',
    text: `${file} is open to other users: chmod go= ${file}`,
  }));
}

async function readFigures(context: CliContext, file: string): Promise<StoreFigures | 'older'> {
  try {
    return await withRecords(context, file, (records) => records.figures());
  } catch (error) {
    if (error instanceof StoreError && error.code === 'older') return 'older';
    throw error;
  }
}

async function checkDatabase(context: CliContext, data: string): Promise<readonly Check[]> {
  const file = databaseFile(data);
  if (!existsSync(file))
    return [{ name: 'database', level: 'ok', text: `${file} will be made at the first start` }];
  const checks: Check[] = [];
  const figures = await look(checks, 'database', () => readFigures(context, file));
  if (figures === 'older')
    return [
      {
        name: 'database',
        level: 'warn',
        text: `${file} is of an older version: the next start (or readback migrate) brings it up to date`,
      },
    ];
  if (figures === undefined) return checks;
  const { tasksOpen, receiptsOpen, receiptsUnseen, receiptsDead, incidentsOpen } = figures;
  checks.push({
    name: 'database',
    level: 'ok',
    text: `${file}: ${tasksOpen} tasks open, ${receiptsOpen} receipts open (${receiptsUnseen} wait until somebody looks)`,
  });
  if (receiptsDead > 0)
    checks.push({
      name: 'receipts',
      level: 'warn',
      text: `${receiptsDead} dead: readback receipts --state dead`,
    });
  if (incidentsOpen > 0)
    checks.push({
      name: 'incidents',
      level: 'warn',
      text: `${incidentsOpen} open: readback incidents --open`,
    });
  return checks;
}

async function checkRunning(
  context: CliContext,
  data: string,
  { config }: LoadedConfig,
): Promise<readonly Check[]> {
  const file = databaseFile(data);
  const checks: Check[] = [];
  const socket = await look(checks, 'socket', async () => socketPath(file, context.cwd));
  if (socket === undefined) return checks;
  const running = await look(checks, 'socket', async () => ({
    ping: await askControl(socket, { act: 'ping' }, 3_000),
  }));
  const ping = running?.ping;
  if (ping !== undefined) {
    checks.push({
      name: 'running',
      level: 'ok',
      text: `process ${ping.pid}, version ${ping.version}${ping.url === undefined ? '' : `, at ${ping.url}`}`,
    });
    return checks;
  }
  const held = existsSync(file)
    ? await look(checks, 'lock', async () => ({ holder: await context.parts.lockHolder(file) }))
    : undefined;
  if (held?.holder !== undefined) {
    const { pid, host } = held.holder;
    checks.push({
      name: 'lock',
      level: 'warn',
      text: `process ${pid} on ${host} holds the database and does not answer on ${socket}`,
    });
    return checks;
  }
  const refused = await tryPort(config.port, config.host);
  const where = `${config.host}:${config.port}`;
  checks.push(
    refused === undefined
      ? { name: 'port', level: 'ok', text: `${where} is free` }
      : { name: 'port', level: 'fail', text: `${where} cannot be opened (${refused})` },
  );
  return checks;
}

function tryPort(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
}
