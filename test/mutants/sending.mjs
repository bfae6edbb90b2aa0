/**
 * Claims, leases, order, and what an adapter answers.
 * @type {readonly import('./apply.mjs').Mutant[]}
 */
export const sendingMutants = [
  {
    name: 'no-fence',
    file: 'src/core/settle-claim.ts',
    search: `channel.fence !== claim.attempt.fence ||
    channel.owner !== core.owner`,
    replace: 'channel.fence < claim.attempt.fence',
    why: 'Who lost its lease writes nothing: a stale fence changes nothing and is counted.',
    first: ['test/faults/f12-never-twice.test.ts', 'test/core/delivery-broken.test.ts'],
  },
  {
    name: 'lease-is-ignored',
    file: 'src/core/claim.ts',
    search: '(channel.leaseUntilMs ?? 0) > work.now',
    replace: 'work.now < 0',
    why: 'While a send is under way nobody else claims its channel.',
    first: ['test/core/two-at-work.test.ts'],
  },
  {
    name: 'lease-shorter-than-a-send',
    file: 'src/core/claim.ts',
    search: 'work.now + core.clocks.leaseMs',
    replace: 'work.now + Math.floor(core.clocks.sendMs / 2)',
    why: 'The lease outlives one send, and the send is aborted before it ends.',
    first: ['test/faults/f12-never-twice.test.ts', 'test/faults/h11-claims-are-leases.test.ts'],
  },
  {
    name: 'deaths-are-not-counted',
    file: 'src/core/claim.ts',
    search: 'receipt.deaths += 1;',
    replace: '',
    why: 'A receipt that kills its process is given up after three attempts in a row.',
    first: ['test/core/delivery-unknown.test.ts', 'test/core/delivery-broken.test.ts'],
  },
  {
    name: 'unknown-is-sent-again-unasked',
    file: 'src/core/claim.ts',
    search: 'return yield* claimLook(work, core, { channel, receipt, adapter });',
    replace: `{
    receipt.state = 'pending';
    work.putReceipt(receipt);
  }`,
    why: 'What may have been sent is looked for before it is sent again.',
    first: ['test/core/delivery-unknown.test.ts'],
  },
  {
    name: 'parked-is-never-due',
    file: 'src/core/claim.ts',
    search: 'receipt.dueAtMs = Math.max(work.now, channel.headDueAtMs);',
    replace: 'receipt.dueAtMs = undefined;',
    why: 'A parked receipt has a due time of its own and is tried until it is shown.',
    first: ['test/core/delivery-pauses.test.ts'],
  },
  {
    name: 'nothing-is-ever-parked',
    file: 'src/core/claim.ts',
    search: '>= core.clocks.blockMs',
    replace: '>= Number.POSITIVE_INFINITY',
    why: 'A head that cannot be settled does not hold its channel for ever.',
    first: ['test/core/delivery-pauses.test.ts'],
  },
  {
    name: 'retry-lets-later-ones-pass',
    file: 'src/core/apply.ts',
    search: `if (receipt.place === 'parked') {`,
    replace: `receipt.place = 'parked';
  if (receipt.place === 'parked') {`,
    why: 'Within one channel receipts leave in sequence, also while the first one is tried again.',
    first: ['test/core/delivery-order.test.ts', 'test/faults/f32-order-and-ack.test.ts'],
  },
  {
    name: 'parts-are-sent-again-whole',
    file: 'src/core/apply.ts',
    search: 'if (settlement.counts) receipt.tries += 1;',
    replace: `if (settlement.counts) receipt.tries += 1;
  receipt.parts = receipt.parts.map(({ text }) => ({ text }));`,
    why: 'A part that was shown is never sent again.',
    first: ['test/faults/f11-resume-at-part.test.ts', 'test/core/delivery-parts.test.ts'],
  },
  {
    name: 'evidence-of-one-part-is-enough',
    file: 'src/core/evidence.ts',
    search: 'if (receipt.parts.some((other) => other.shownAtMs === undefined)) {',
    replace: 'if (receipt.parts.every((other) => other.shownAtMs === undefined)) {',
    why: 'Only all parts together surface a receipt.',
    first: ['test/core/delivery-evidence.test.ts'],
  },
  {
    name: 'ack-after-the-answer',
    file: 'src/core/passed.ts',
    search: `return task.state === 'ended' || task.contract.lastSurfacedAtMs !== undefined;`,
    replace: 'return false;',
    why: 'An answer that comes first needs no ack, and none comes after it.',
    first: ['test/core/first-light.test.ts'],
  },
  {
    name: 'account-pause-is-not-stored',
    file: 'src/core/account.ts',
    search:
      'work.putAccount({ ...known, pausedUntilMs: Math.max(known.pausedUntilMs ?? 0, untilMs) });',
    replace: '',
    why: 'The pause of an account is a row: it holds for all channels and survives a restart.',
    first: ['test/core/delivery-pauses.test.ts'],
  },
  {
    name: 'reroute-widens-the-audience',
    file: 'src/core/route.ts',
    search: '(from.private && route.private !== true)',
    replace: '(from.private && route.channel === undefined)',
    why: 'A route never widens the audience: what was asked in private is not told to others.',
    first: ['test/core/route.test.ts'],
  },
  {
    name: 'dead-without-an-incident',
    file: 'src/core/exhaust.ts',
    search: 'if (quiet) return;',
    replace: `if (quiet || receipt.kind === 'terminal') return;`,
    why: 'Dead is never silent: somebody who can act is told.',
    first: ['test/faults/f18-told-to-somebody.test.ts', 'test/core/delivery-routes.test.ts'],
  },
  {
    name: 'incident-about-an-incident',
    file: 'src/core/exhaust.ts',
    search: `const quiet = receipt.subject.kind === 'incident';`,
    replace: 'const quiet = false;',
    why: 'The death of what tells the operator opens no further incident.',
    first: ['test/faults/f18-told-to-somebody.test.ts', 'test/core/delivery-routes.test.ts'],
  },
  {
    name: 'thrown-counts-as-shown',
    file: 'src/core/channel-loop.ts',
    search: `return { kind: 'unknown', atMs, phase: 'written', cause: answer.cause };`,
    replace: `return { kind: 'surfaced', atMs, handle: claim.receipt.id, evidence: 'rendered', surface: 'durable' };`,
    why: 'A send that throws or never answers proves nothing.',
    first: ['test/core/delivery-broken.test.ts'],
  },
  {
    name: 'success-without-a-handle',
    file: 'src/core/channel-loop.ts',
    search: 'DeliveryOutcome.safeParse(answer.value);',
    replace: `DeliveryOutcome.safeParse(
      answer.value?.kind === 'surfaced' ? { ...answer.value, handle: answer.value.handle || 'none' } : answer.value,
    );`,
    why: 'Success without an id of the platform is a broken contract and counts for nothing.',
    first: ['test/faults/f14-one-completion.test.ts'],
  },
  {
    name: 'owner-alone-guards-the-claim',
    file: 'src/core/settle-claim.ts',
    search: 'channel.fence !== claim.attempt.fence ||',
    replace: '',
    why: 'A write names channel and fence: who claimed it again since is not overwritten.',
    first: ['test/core/delivery-broken.test.ts'],
  },
];
