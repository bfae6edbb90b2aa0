import type { Adapter } from '../contracts/adapter.ts';
import type { Handle } from '../contracts/delivery.ts';
import type { ChannelRef } from '../contracts/id.ts';
import type { FakeRuntime } from './fake-runtime.ts';

/** A message of the bot as a person sees it now. */
export interface SeenMessage {
  readonly handle: Handle;
  readonly text: string;
  /** The ids of the buttons that can be pressed, in order. */
  readonly buttons: readonly string[];
  /** The names of its files. */
  readonly files: readonly string[];
}

/** Something that a person said or did, as the platform numbered it. */
export interface Said {
  /** The platform's id of it: names it in `redeliver`, `edit` and `remove`. */
  readonly id: string;
  /** The platform was told that it is stored, and will not bring it again by itself. */
  readonly taken: boolean;
}

/** How the next send may go wrong, at the platform or on the way to it. */
export const faultKinds = [
  /** The connection is refused: certainly nothing was sent. */
  'refused',
  /** The connection breaks after the request was written; the platform never did it. */
  'reset_before',
  /** The platform shows it, and the connection breaks before the answer. */
  'applied_then_reset',
  /** The platform takes the request and never answers. */
  'hang',
  /** A bare 500, 502, 503 or 504; nothing is shown. */
  'server_error',
  'rate_limited',
  /** The bot's token does not hold any more. */
  'unauthorized',
  /** The person blocked the bot, or it was thrown out. */
  'blocked',
  /** The conversation is not there any more. */
  'gone',
  /** The platform refuses what it was sent. */
  'invalid',
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** What else a platform, or its fake, may be able to do. */
export const talents = [
  /** A person presses a button. */
  'press',
  /** A person edits or deletes what they wrote. */
  'edited',
  'deleted',
  /** The platform brings again what it was not told to be stored, or what it was. */
  'redeliver',
  /** What was said while no adapter ran comes when one runs again. */
  'missed',
  /** Our messages can be edited; somebody may delete one that we want to edit. */
  'edit',
  'delete_ours',
  'files',
  'presence',
  'streams',
  /** The adapter can look whether something is shown. */
  'reconcile',
  /** The platform knows the key of a send again. */
  'repeat',
  /** The adapter tells when somebody looks and when nobody does. */
  'audience',
  /** Answers come late, each by another time. */
  'slow',
] as const;
export type Talent = (typeof talents)[number];
export type Ability = FaultKind | Talent;

/** What may excuse that a check cannot be made. All but the last are looked up in the adapter: a false one fails. */
export type Excuse =
  | 'buttons: false'
  | 'editMs: 0'
  | 'files: false'
  | 'no presence'
  | 'streams: false'
  | 'no reconcile'
  | 'audience: always'
  | 'unknownPolicy: not repeat'
  /** It is asked by its people's programs (`fetch`) and sends requests to nobody. */
  | 'asks nobody'
  /** The platform has no such thing. */
  | 'platform';

export interface Lack {
  readonly ability: Ability;
  readonly excuse: Excuse;
  /** For people; stands in the name of the check that is not made. */
  readonly why: string;
}

/** One fake platform with its people; it outlives every adapter. */
export interface PlatformUnderTest {
  /** A new adapter of the same bot, not started. The one before it is dead: whatever the platform had open to it is closed. */
  adapter(): Adapter;
  /**
   * A conversation of one person with the bot; the same name is the same one. Called when the adapter runs. Where the
   * audience is reported, somebody looks at it from now on, also after a restart.
   */
  enter(name: string): Promise<ChannelRef>;
  /** What that person sees of the bot's messages, from the top. */
  shown(channel: ChannelRef): readonly SeenMessage[];
  /** Never waits for time: when the platform must wait for it, `taken` is false. */
  say(channel: ChannelRef, text: string): Promise<Said>;
  press?(channel: ChannelRef, button: string): Promise<Said>;
  /** A person changes what they wrote. */
  edit?(channel: ChannelRef, id: string, text: string): Promise<Said>;
  remove?(channel: ChannelRef, id: string): Promise<Said>;
  /** The same event once more, as the platform brings it when it is in doubt. Never waits for time, as `say`. */
  redeliver?(channel: ChannelRef, id: string): Promise<Said>;
  /** Somebody deletes a message of the bot. */
  deleteOurs?(channel: ChannelRef, handle: Handle): Promise<void>;
  /** The person looks away, or comes back. */
  look?(channel: ChannelRef, present: boolean): Promise<void>;
  /** The next send of this conversation meets it, once. Answers what the platform says with it. */
  fault(kind: FaultKind, channel: ChannelRef): { readonly retryAfterMs?: number };
  /** The answer to each coming send is late by the next of these, in ms; then none is. */
  slow?(ms: readonly number[]): void;
  /** What passed on that person's screen: signs of typing, and the streamed texts as they grew. */
  passed?(channel: ChannelRef): readonly { kind: 'typing' | 'text'; text?: string }[];
  /** Requests for a send that reached it, shown or not. */
  readonly sends: number;
  /** Tokens and keys that the adapter was given. */
  readonly secrets: readonly string[];
  end(): Promise<void>;
}

/** An adapter and a fake of its platform. */
export interface AdapterSubject {
  readonly name: string;
  /** Everything that cannot be checked, and what excuses it. Whatever is not listed is checked. */
  readonly lacks: readonly Lack[];
  /** See `FakeRuntimeOptions`; more for code that waits for real I/O. */
  readonly quietTurns?: number;
  open(runtime: FakeRuntime): Promise<PlatformUnderTest>;
}

/** A check that was not made, as `adapterConformance` answers it. */
export interface NotApplicable {
  readonly check: string;
  readonly lacks: readonly Lack[];
}

const lookUp: Readonly<Record<Excuse, (adapter: Adapter) => boolean>> = {
  'buttons: false': ({ capabilities }) => !capabilities.buttons,
  'editMs: 0': ({ capabilities }) => capabilities.editMs === 0,
  'files: false': ({ capabilities }) => !capabilities.files,
  'no presence': ({ capabilities }) => capabilities.presence === undefined,
  'streams: false': ({ capabilities }) => !capabilities.streams,
  'no reconcile': ({ reconcile }) => reconcile === undefined,
  'audience: always': ({ capabilities }) => capabilities.audience === 'always',
  'unknownPolicy: not repeat': ({ capabilities }) => capabilities.unknownPolicy !== 'repeat',
  'asks nobody': ({ fetch }) => fetch !== undefined,
  platform: () => true,
};

const excusesOf: Readonly<Record<Ability, readonly Excuse[]>> = {
  refused: ['asks nobody'],
  reset_before: ['asks nobody'],
  applied_then_reset: ['asks nobody'],
  hang: ['asks nobody'],
  server_error: ['asks nobody'],
  rate_limited: ['platform'],
  unauthorized: ['platform'],
  blocked: ['platform'],
  gone: ['platform'],
  invalid: ['platform'],
  press: ['buttons: false'],
  edited: ['platform'],
  deleted: ['platform'],
  redeliver: ['platform'],
  missed: ['platform'],
  edit: ['editMs: 0'],
  delete_ours: ['editMs: 0', 'platform'],
  files: ['files: false'],
  presence: ['no presence'],
  streams: ['streams: false'],
  reconcile: ['no reconcile'],
  repeat: ['unknownPolicy: not repeat'],
  audience: ['audience: always'],
  slow: ['platform'],
};

/** What is wrong with an excuse; undefined when it holds. */
export function wrongExcuse(lack: Lack, adapter: Adapter): string | undefined {
  const { ability, excuse } = lack;
  if (!excusesOf[ability].includes(excuse))
    return `"${excuse}" does not excuse the lack of "${ability}"; allowed: ${excusesOf[ability].join(', ')}`;
  if (!lookUp[excuse](adapter))
    return `the adapter contradicts the excuse "${excuse}" for the lack of "${ability}"`;
  return undefined;
}
