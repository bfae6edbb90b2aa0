import type { Adapter } from '../../src/contracts/adapter.ts';
import type { DeliveryOutcomeInput } from '../../src/contracts/delivery.ts';
import { unavailable, unknown } from '../support/outcome.ts';
import { type MemoryOptions, type Spoil, token } from './memory-subject.ts';

/** A faulty adapter, the check that is meant for it, and what that says. */
export interface Planted {
  readonly fault: string;
  readonly check: string;
  readonly says: RegExp;
  readonly spoil: Spoil;
  readonly options?: MemoryOptions;
}

type Change = (outcome: DeliveryOutcomeInput) => DeliveryOutcomeInput;

const answers =
  (change: Change): Spoil =>
  (good) => ({ ...good, deliver: async (...send) => change(await good.deliver(...send)) });

const declares =
  (capabilities: Partial<Adapter['capabilities']>): Spoil =>
  (good) => ({ ...good, capabilities: { ...good.capabilities, ...capabilities } });

/** Does not hear of an abort or of its own stop. */
const deaf: Spoil = (good, { fake }) => ({ ...good, deliver: fake.adapter().deliver });

const instead =
  (kind: DeliveryOutcomeInput['kind'], other: DeliveryOutcomeInput): Spoil =>
  (good, world) =>
    answers((outcome) => (outcome.kind === kind ? other : outcome))(good, world);

const wholeText = 'cut keeps to lengthMax and loses nothing, whatever the text';
const inOrder = 'what is said is seen once, in the order in which it was said';
const missed = 'what was said meanwhile comes once and in order';
const refusal: DeliveryOutcomeInput = {
  kind: 'rejected',
  atMs: 0,
  reason: 'invalid',
  code: 'too_long',
  cause: '',
};

export const planted: readonly Planted[] = [
  {
    fault: 'success without a handle',
    check: 'success has the handle of what is seen',
    says: /not an outcome/,
    spoil: answers((outcome) => ({ ...outcome, handle: '' }) as DeliveryOutcomeInput),
  },
  {
    fault: 'a handle of its own making',
    check: 'success has the handle of what is seen',
    says: /handle/,
    spoil: answers((outcome) => ({ ...outcome, handle: 'made up' }) as DeliveryOutcomeInput),
  },
  {
    fault: 'throws what the platform answered',
    check: '"blocked" is rejected with a code',
    says: /deliver threw/,
    spoil: answers((outcome) => {
      if (outcome.kind === 'rejected') throw new Error('403');
      return outcome;
    }),
  },
  {
    fault: 'calls a server error permanent',
    check: '"server_error" is unknown',
    says: /answered/,
    spoil: instead('unknown', refusal),
  },
  {
    fault: 'calls a refused connection unknown',
    check: '"refused" is deferred: nothing left',
    says: /answered/,
    spoil: instead('deferred', unknown()),
  },
  {
    fault: 'forgets for how long it is limited',
    check: '"rate_limited" is deferred by at least what the platform asked for, with its scope',
    says: /answered/,
    spoil: instead('deferred', unavailable),
  },
  {
    fault: 'tells its token in a cause',
    check: '"invalid" tells no secret',
    says: /a secret is told/,
    spoil: answers((outcome) =>
      'cause' in outcome ? { ...outcome, cause: `POST /bot${token}/send` } : outcome,
    ),
  },
  {
    fault: 'tells its token in the log',
    check: 'its log tells no secret',
    says: /a secret stands in the log/,
    spoil: (good) => ({
      ...good,
      start: async (host) => {
        host.log('info', 'connecting', { url: `https://example.org/${token}` });
        await good.start(host);
      },
    }),
  },
  {
    fault: 'guesses that what is unknown is absent',
    check: 'reconcile finds what is shown, with its handle',
    says: /answered/,
    spoil: (good) => ({ ...good, reconcile: async () => ({ kind: 'absent' }) }),
  },
  {
    fault: 'and so shows it twice',
    check: 'shown and the answer lost: what is declared is what happens',
    says: /strictly deep-equal/,
    spoil: (good) => ({ ...good, reconcile: async () => ({ kind: 'absent' }) }),
  },
  {
    fault: 'declares keys and sends none',
    check: 'the same key again shows it once, as the same message',
    says: /m1|m2/,
    spoil: (good) => ({
      ...good,
      deliver: (delivery, attempt) =>
        good.deliver(delivery, { ...attempt, key: `${attempt.key} ${attempt.n}` }),
    }),
    options: { keyed: true, reconcile: false },
  },
  {
    fault: 'loses a character where it cuts',
    check: wholeText,
    says: /lost, added or moved/,
    spoil: (good) => ({
      ...good,
      cut: (delivery, repairs) => {
        const [first, ...rest] = good.cut(delivery, repairs);
        if (first === undefined || rest.length === 0) return first === undefined ? [] : [first];
        return [{ ...first, source: (first.source ?? first.text).slice(0, -1) }, ...rest];
      },
    }),
  },
  {
    fault: 'makes longer parts than it declares',
    check: wholeText,
    says: /declared are 60/,
    spoil: declares({ lengthMax: 60 }),
  },
  {
    fault: 'declares more than the platform takes',
    check: 'a text of exactly lengthMax is one message: x',
    says: /too_long/,
    spoil: (good) => ({
      ...good,
      deliver: async (delivery, attempt) =>
        attempt.content.text.length >= good.capabilities.lengthMax
          ? refusal
          : await good.deliver(delivery, attempt),
    }),
  },
  {
    fault: 'calls the first part the whole',
    check: 'a long text is seen whole, part by part',
    says: /each part is one send/,
    spoil: answers((outcome) =>
      outcome.kind === 'partly_surfaced' ? { ...outcome, kind: 'surfaced' } : outcome,
    ),
  },
  {
    fault: 'shows in another order than it answers',
    check: inOrder,
    says: /strictly deep-equal/,
    spoil: (good, { runtime }) => {
      let waitMs = 20_000;
      return {
        ...good,
        deliver: async (delivery, attempt) => {
          waitMs -= 2_000;
          void runtime.sleep(waitMs).then(() => good.deliver(delivery, attempt));
          const handle = `early ${waitMs}`;
          return { kind: 'surfaced', atMs: 0, handle, evidence: 'accepted', surface: 'durable' };
        },
      };
    },
  },
  {
    fault: 'edits by a new message',
    check: 'an edit changes the message that it names',
    says: /m1|m3/,
    spoil: (good) => ({
      ...good,
      deliver: (delivery, { live: _, ...attempt }) => good.deliver(delivery, attempt),
    }),
  },
  {
    fault: 'amends by a new message',
    check: 'an amend makes no message, also where nothing can be edited',
    says: /a message of its own/,
    spoil: (good) => ({
      ...good,
      deliver: (delivery, { live: _, ...attempt }) => good.deliver(delivery, attempt),
    }),
  },
  {
    fault: 'declares buttons and shows none',
    check: 'buttons are seen, in order',
    says: /strictly deep-equal/,
    spoil: (good) => ({
      ...good,
      deliver: (delivery, attempt) => good.deliver({ ...delivery, buttons: [] }, attempt),
    }),
  },
  {
    fault: 'declares evidence that it never has',
    check: 'where nothing is wrong the declared evidence is reached',
    says: /weaker than declared/,
    spoil: declares({ evidence: 'rendered' }),
  },
  {
    fault: 'declares a sign of typing and shows none',
    check: 'a sign of typing is seen and settles nothing',
    says: /strictly deep-equal/,
    spoil: (good) => ({ ...good, show: () => undefined }),
  },
  {
    fault: 'throws where something only passes',
    check: 'show never throws, and makes no message',
    says: /no such chat/,
    spoil: (good) => ({
      ...good,
      show: () => {
        throw new Error('no such chat');
      },
    }),
  },
  {
    fault: 'does not hear of an abort',
    check: 'a send settles soon after its signal aborts',
    says: /did not settle within/,
    spoil: deaf,
  },
  {
    fault: 'sends after its stop',
    check: 'stops soon, may be stopped twice, and sends nothing afterwards',
    says: /surfaced/,
    spoil: deaf,
  },
  {
    fault: 'never ends its stop',
    check: 'stops soon, may be stopped twice, and sends nothing afterwards',
    says: /stop did not settle within/,
    spoil: (good) => ({ ...good, stop: () => new Promise(() => undefined) }),
  },
  {
    fault: 'tells the platform before it is stored',
    check: 'what could not be stored is not said to be',
    says: /told before it was stored/,
    spoil: (good) => ({
      ...good,
      start: (host) =>
        good.start({
          ...host,
          accept: (inbound) =>
            host.accept(inbound).catch(() => ({ kind: 'duplicate', seq: 1 }) as const),
        }),
    }),
  },
  {
    fault: 'gives what comes again a new id',
    check: 'what the platform brings twice is stored once',
    says: /2/,
    spoil: (good) => {
      let count = 0;
      return {
        ...good,
        start: (host) =>
          good.start({
            ...host,
            accept: (inbound) => {
              count += 1;
              return host.accept({ ...inbound, id: `${inbound.id} ${count}` });
            },
          }),
      };
    },
  },
  {
    fault: 'catches up twice',
    check: missed,
    says: /strictly deep-equal/,
    spoil: (good, { missed: held, host }) => ({
      ...good,
      catchUp: async (options) => {
        for (const inbound of held) await host().accept({ ...inbound, id: `${inbound.id} again` });
        await good.catchUp?.(options);
      },
    }),
  },
  {
    fault: 'catches up from the end',
    check: missed,
    says: /strictly deep-equal/,
    spoil: (good, { missed: held }) => ({
      ...good,
      catchUp: async (options) => {
        held.reverse();
        await good.catchUp?.(options);
      },
    }),
  },
  {
    fault: 'does not catch up',
    check: missed,
    says: /strictly deep-equal/,
    spoil: (good) => ({ ...good, catchUp: async () => undefined }),
  },
];
