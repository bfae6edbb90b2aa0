import { type Chance, createChance } from './chance.ts';

/** How the platform of a run is made; each seed is another one. */
export interface SimulatedPlatform {
  readonly terminalAs: 'edit' | 'new';
  readonly unknownPolicy: 'repeat' | 'mark' | 'hold';
  /** It can be asked whether something is shown. */
  readonly reconcile: boolean;
  /** It knows the key of a send again. */
  readonly keyed: boolean;
  readonly audience: 'always' | 'reported';
  readonly evidence: 'accepted' | 'observed';
  readonly streams: boolean;
  readonly editMs: number;
  readonly gapMs: number;
}

/** The settings of one run. */
export interface SimulatedSettings {
  readonly overlap: 'queue' | 'interrupt' | 'reject';
  readonly sessionPer: 'channel' | 'person';
  /** Processes over one store. More than one: their leases are short and nobody is told who is gone. */
  readonly owners: number;
  /** A second conversation with the same person, to be used when the first cannot show an end. */
  readonly routes: boolean;
  readonly operator: boolean;
  readonly platform: SimulatedPlatform;
}

/** One thing that the world does. Plain data, so that a run can be told, repeated and made shorter. */
export type Act =
  | {
      readonly kind: 'say';
      readonly conversation: string;
      readonly person: string;
      readonly text: string;
      readonly id: string;
      /** So many messages at once. */
      readonly flood: number;
    }
  | { readonly kind: 'redeliver'; readonly pick: number }
  | {
      readonly kind: 'command';
      readonly conversation: string;
      readonly person: string;
      readonly text: string;
      readonly id: string;
    }
  | {
      readonly kind: 'press';
      readonly pick: number;
      readonly person: string;
      readonly id: string;
      readonly text?: string;
    }
  | { readonly kind: 'change'; readonly pick: number; readonly id: string; readonly text?: string }
  /** `told`: the platform says so by itself; else it answers so to what is sent. */
  | {
      readonly kind: 'move';
      readonly conversation: string;
      readonly id: string;
      readonly told: boolean;
    }
  | { readonly kind: 'submit'; readonly conversation: string; readonly key: string }
  | { readonly kind: 'notify'; readonly conversation: string; readonly key: string }
  | { readonly kind: 'redrive'; readonly pick: number }
  | { readonly kind: 'echo'; readonly pick: number }
  | { readonly kind: 'audience'; readonly conversation: string; readonly present: boolean }
  | { readonly kind: 'weather'; readonly weather: Weather }
  | { readonly kind: 'disconnect' }
  | { readonly kind: 'disk'; readonly fullMs: number }
  | { readonly kind: 'jump'; readonly deltaMs: number }
  /** Dies after so many passings of a port; 0 is now. Comes back after `downMs`. */
  | { readonly kind: 'crash'; readonly passings: number; readonly downMs: number }
  | { readonly kind: 'restart'; readonly now: boolean; readonly downMs: number }
  | { readonly kind: 'wait' };

/** How often the platform does something else than show. */
export type Weather = 'calm' | 'storm' | 'outage' | 'limited';

/** An act, and how long it is waited after it. */
export type Step = Act & { readonly afterMs: number };

/** A whole run before it happens: the same seed gives the same plan. */
export interface Plan {
  readonly seed: number;
  readonly settings: SimulatedSettings;
  readonly steps: readonly Step[];
}

export interface PlanOptions {
  /** What the world does before the faults end; default 30. */
  readonly steps?: number;
}

/** What a seed stands for. Pure. */
export function planOf(seed: number, options: PlanOptions = {}): Plan {
  const chance = createChance(seed);
  const settings = settingsOf(chance);
  const count = options.steps ?? 30;
  const steps = Array.from({ length: count }, (_, n): Step => {
    const act = actOf(chance, n);
    const afterMs = pauseOf(chance);
    // Several processes over one store take their time from it: that comes with a store that has one.
    if (act.kind === 'jump' && settings.owners > 1) return { kind: 'wait', afterMs };
    return { ...act, afterMs };
  });
  return { seed, settings, steps };
}

export function pick<T>(chance: Chance, list: readonly [T, ...T[]]): T {
  return list[chance.below(list.length)] ?? list[0];
}

function settingsOf(chance: Chance): SimulatedSettings {
  const unknownPolicy = pick(chance, ['mark', 'mark', 'repeat', 'hold'] as const);
  return {
    overlap: pick(chance, ['queue', 'queue', 'interrupt', 'reject']),
    sessionPer: pick(chance, ['channel', 'person']),
    owners: pick(chance, [1, 1, 1, 1, 2, 3]),
    routes: chance.below(3) === 0,
    operator: chance.below(3) === 0,
    platform: {
      terminalAs: pick(chance, ['edit', 'new']),
      unknownPolicy,
      reconcile: chance.below(2) === 0,
      keyed: unknownPolicy === 'repeat',
      audience: pick(chance, ['always', 'always', 'reported']),
      evidence: pick(chance, ['accepted', 'accepted', 'observed']),
      streams: chance.below(2) === 0,
      editMs: pick(chance, [Number.POSITIVE_INFINITY, 120_000, 0]),
      gapMs: pick(chance, [0, 0, 1_000]),
    },
  };
}

function pauseOf(chance: Chance): number {
  const most = pick(chance, [0, 50, 2_000, 2_000, 10_000, 60_000]);
  return chance.below(most + 1);
}

const conversations = ['c1', 'c2', 'c3'] as const;
const people = ['ada', 'bob'] as const;

/** What an act is drawn with. */
interface Draw {
  readonly chance: Chance;
  readonly n: number;
  readonly id: string;
  readonly among: number;
  readonly conversation: string;
  readonly person: string;
}

/** Each act with its weight. */
const acts: readonly (readonly [weight: number, act: (draw: Draw) => Act])[] = [
  [38, sayOf],
  [4, ({ among }) => ({ kind: 'redeliver', pick: among })],
  [
    7,
    ({ chance, conversation, person, id }) => ({
      kind: 'command',
      conversation,
      person,
      id,
      text: pick(chance, ['/cancel enough', '/cancel', '/status', '/retry', '/status all']),
    }),
  ],
  [
    8,
    ({ chance, among, person, id }) => ({
      kind: 'press',
      pick: among,
      person,
      id,
      ...(chance.below(4) === 0 ? { text: 'words with it' } : {}),
    }),
  ],
  [
    3,
    ({ chance, among, id, n }) => ({
      kind: 'change',
      pick: among,
      id,
      ...(chance.below(2) === 0 ? { text: `now ${n}` } : {}),
    }),
  ],
  [
    1,
    ({ chance, conversation, id }) => ({
      kind: 'move',
      conversation,
      id,
      told: chance.below(2) === 0,
    }),
  ],
  [2, ({ chance, conversation, n }) => ({ kind: 'submit', conversation, key: keyOf(chance, n) })],
  [2, ({ chance, conversation, n }) => ({ kind: 'notify', conversation, key: keyOf(chance, n) })],
  [1, ({ among }) => ({ kind: 'redrive', pick: among })],
  [3, ({ among }) => ({ kind: 'echo', pick: among })],
  [
    4,
    ({ chance, conversation }) => ({
      kind: 'audience',
      conversation,
      present: chance.below(3) > 0,
    }),
  ],
  [
    8,
    ({ chance }) => ({
      kind: 'weather',
      weather: pick(chance, ['calm', 'storm', 'storm', 'outage', 'limited']),
    }),
  ],
  [1, () => ({ kind: 'disconnect' })],
  [2, ({ chance }) => ({ kind: 'disk', fullMs: 1 + chance.below(20_000) })],
  [2, ({ chance }) => ({ kind: 'jump', deltaMs: jumpOf(chance) })],
  [10, ({ chance }) => crashOf(chance)],
  [
    2,
    ({ chance }) => ({
      kind: 'restart',
      now: chance.below(3) === 0,
      downMs: chance.below(60_000),
    }),
  ],
  [2, () => ({ kind: 'wait' })],
];
const weights = acts.reduce((sum, [weight]) => sum + weight, 0);

function actOf(chance: Chance, n: number): Act {
  const draw: Draw = {
    chance,
    n,
    id: `i${n}`,
    among: chance.below(1_000),
    conversation: pick(chance, conversations),
    person: pick(chance, people),
  };
  let roll = chance.below(weights);
  for (const [weight, act] of acts) {
    roll -= weight;
    if (roll < 0) return act(draw);
  }
  return { kind: 'wait' };
}

function sayOf({ chance, n, id, conversation, person }: Draw): Act {
  const flood = chance.below(25) === 0 ? 5 + chance.below(25) : 1;
  return { kind: 'say', conversation, person, id, flood, text: `do ${n}` };
}

/** Often one that was there before. */
function keyOf(chance: Chance, n: number): string {
  return `k${chance.below(n + 1)}`;
}

function jumpOf(chance: Chance): number {
  const sizeMs = pick(chance, [1_500, 5_000, 600_000, 7_200_000]);
  return chance.below(2) === 0 ? sizeMs : -sizeMs;
}

function crashOf(chance: Chance): Act {
  const passings = chance.below(4) === 0 ? 0 : chance.below(14);
  const downMs = chance.below(pick(chance, [1, 5_000, 60_000, 900_000]));
  return { kind: 'crash', passings, downMs };
}
