import fc from 'fast-check';

/** The same cases every time, so that a change is judged by what it changed; `READBACK_SEED` asks for others. */
fc.configureGlobal({ seed: Number(process.env['READBACK_SEED'] ?? 1) });

// biome-ignore lint/style/noDefaultExport: stands in the place of fast-check's own
export default fc;
