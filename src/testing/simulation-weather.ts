import type { ReconcileAnswer, ReconcileQuestion } from '../contracts/adapter.ts';
import type { DeliveryOutcomeInput, Repair } from '../contracts/delivery.ts';
import { type Chance, createChance } from './chance.ts';
import type { Scripted, Sent } from './fake-platform.ts';
import { pick, type Weather } from './simulation-plan.ts';
import { hashOf } from './simulation-worker.ts';

/** What the platform of one run is asked to decide. */
export interface Sky {
  readonly seed: number;
  /** So many times in a hundred something else happens than showing. */
  weather(): Weather | 'healed';
  count(fault: string): void;
  /** Somebody looks at the conversation. */
  watched(conversation: string): boolean;
  /** Where the conversation is now, when it moved. */
  movedTo(conversation: string): string | undefined;
  /** The platform wants nothing before; checked against what comes. */
  limit(scope: string, untilMs: number): void;
  /** Somebody deleted the message. */
  vanish(handle: string): void;
  /** The token was withdrawn; it is given back later. */
  unauthorized(): void;
}

const trouble = { calm: 2, storm: 40, outage: 95, limited: 30, healed: 0 } as const;

/** What the platform does with one send: by chance, the same for the same send of the same seed. */
export function weatherOf(sky: Sky, sent: Sent): Scripted | undefined {
  const { delivery, attempt, atMs } = sent;
  const { conversation } = delivery.channel;
  const moved = sky.movedTo(conversation);
  if (moved !== undefined) {
    sky.count('redirected');
    const to = { ...delivery.channel, conversation: moved };
    return { kind: 'redirected', atMs, to, cause: 'the conversation moved' };
  }
  if (!sky.watched(conversation)) {
    sky.count('no audience');
    return { kind: 'not_surfaced', atMs, reason: 'no_audience', cause: 'nobody looks' };
  }
  const weather = sky.weather();
  const chance = createChance(hashOf(`${sky.seed} ${attempt.key} ${attempt.n}`));
  if (chance.below(100) >= trouble[weather]) return latency(sent, chance, weather);
  if (weather === 'outage') return outage(sky, chance, atMs);
  if (weather === 'limited') return limited(sky, chance, sent);
  return storm(sky, chance, sent);
}

/** Not a fault: some answers take their time, so that those of different Channels come out of order. */
function latency({ runtime }: Sent, chance: Chance, weather: string): Scripted | undefined {
  if (weather === 'healed' || chance.below(3) > 0) return undefined;
  const ms = chance.below(3_000);
  return chance.below(2) === 0
    ? { kind: 'hold', until: runtime.sleep(ms) }
    : { kind: 'apply_and_hold', until: runtime.sleep(ms) };
}

function outage(sky: Sky, chance: Chance, atMs: number): Scripted {
  switch (chance.below(4)) {
    case 0:
      sky.count('hang');
      return { kind: 'hang' };
    case 1:
      sky.count('unknown');
      return { kind: 'unknown', atMs, phase: 'written', cause: 'reset' };
    default:
      sky.count('deferred: not connected');
      return { kind: 'deferred', atMs, reason: 'not_connected', cause: 'refused' };
  }
}

function limited(sky: Sky, chance: Chance, { delivery, atMs }: Sent): Scripted {
  const scope = pick(chance, ['part', 'channel', 'channel', 'account'] as const);
  const retryAfterMs = 200 + chance.below(30_000);
  sky.count(`deferred: rate limited (${scope})`);
  if (scope !== 'part')
    sky.limit(scope === 'account' ? scope : delivery.channel.conversation, atMs + retryAfterMs);
  return { kind: 'deferred', atMs, reason: 'rate_limited', scope, retryAfterMs, cause: '429' };
}

/** Each kind of outcome, and what is none. */
function storm(sky: Sky, chance: Chance, sent: Sent): Scripted | undefined {
  const { atMs } = sent;
  const lost = { kind: 'unknown', atMs, phase: 'written', cause: 'reset' } as const;
  const roll = chance.below(100);
  if (roll < 22) {
    sky.count('unknown, applied');
    return { kind: 'apply', answer: lost };
  }
  if (roll < 36) {
    sky.count('unknown');
    return lost;
  }
  if (roll < 44) {
    sky.count('hang, applied');
    return { kind: 'apply_and_hang' };
  }
  if (roll < 50) {
    sky.count('hang');
    return { kind: 'hang' };
  }
  if (roll < 54) {
    sky.count('late answer');
    return { kind: 'apply_and_hold', until: sent.runtime.sleep(11_000 + chance.below(20_000)) };
  }
  if (roll < 58) {
    sky.count('throws');
    return { kind: 'throw', error: new Error('the adapter broke') };
  }
  if (roll < 70) {
    sky.count('deferred: unavailable');
    return { kind: 'deferred', atMs, reason: 'unavailable', cause: '503' };
  }
  if (roll < 72) {
    sky.count('deferred: unauthorized');
    sky.unauthorized();
    return { kind: 'deferred', atMs, reason: 'unauthorized', scope: 'account', cause: '401' };
  }
  return rare(sky, chance, sent);
}

function rare(sky: Sky, chance: Chance, sent: Sent): Scripted | undefined {
  const { atMs, attempt } = sent;
  const answered = { atMs, cause: 'said so' };
  switch (chance.below(8)) {
    case 0:
    case 1: {
      if (attempt.live !== undefined && chance.below(4) === 0) {
        sky.count('the message to edit is gone');
        sky.vanish(attempt.live);
        return undefined;
      }
      const repair = pick(chance, ['split', 'plain', 'drop_anchor'] as const);
      if (attempt.repairs.includes(repair)) return limited(sky, chance, sent);
      sky.count('rejected: to repair');
      return invalid(sent, repair);
    }
    case 2:
      sky.count('rejected: confirm later');
      return {
        kind: 'rejected',
        ...answered,
        reason: 'forbidden',
        code: '403',
        confirmAfterMs: 60_000,
      };
    case 3:
      sky.count('rejected');
      return { kind: 'rejected', ...answered, reason: 'blocked', code: 'blocked' };
    case 4:
      sky.count('surfaced, transient');
      return {
        kind: 'surfaced',
        atMs,
        handle: 'ghost',
        evidence: 'answered',
        surface: 'transient',
      };
    case 5:
      sky.count('broken contract');
      return { kind: 'surfaced', atMs } as unknown as DeliveryOutcomeInput;
    case 6:
      sky.count('not surfaced');
      return {
        kind: 'not_surfaced',
        ...answered,
        reason: pick(chance, ['unsupported', 'suppressed']),
      };
    default:
      return limited(sky, chance, sent);
  }
}

function invalid({ atMs }: Sent, repair: Repair): DeliveryOutcomeInput {
  return {
    kind: 'rejected',
    atMs,
    reason: 'invalid',
    code: '400',
    repair,
    cause: 'cannot be shown so',
  };
}

/** What the platform answers when it is asked; `undefined` is the truth. */
export function lookOf(
  sky: Sky,
  question: ReconcileQuestion,
): ReconcileAnswer | 'hang' | undefined {
  const weather = sky.weather();
  if (weather === 'healed' || weather === 'calm') return undefined;
  const chance = createChance(hashOf(`${sky.seed} look ${question.key} ${question.sentAtMs}`));
  switch (chance.below(weather === 'outage' ? 3 : 8)) {
    case 0:
      sky.count('look: cannot tell');
      return { kind: 'cannot_tell', cause: '503' };
    case 1:
      sky.count('look: hang');
      return 'hang';
    default:
      return undefined;
  }
}
