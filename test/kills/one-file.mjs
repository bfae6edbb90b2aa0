// Loads a file of CommonJS together with what V8 compiled of it in another process: a third of a short life is compiling.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { constants, Script } from 'node:vm';

const loaded = new Map();
const keptOf = (file) => `${file}.compiled`;

export function load(file) {
  const cachedData = existsSync(keptOf(file)) ? readFileSync(keptOf(file)) : undefined;
  const script = new Script(readFileSync(file, 'utf8'), {
    filename: file,
    cachedData,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  if (cachedData === undefined) loaded.set(file, script);
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file));
  return module.exports;
}

/** A life is under way: what is compiled by now is kept for those to come, unless another one did. */
export function keep() {
  for (const [file, script] of loaded) {
    const own = `${keptOf(file)}-${process.pid}`;
    writeFileSync(own, script.createCachedData());
    renameSync(own, keptOf(file));
  }
  loaded.clear();
}
