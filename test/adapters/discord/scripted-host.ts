import type { AdapterHost, HistoryItem } from '../../../src/contracts/adapter.ts';
import { ContractError, StoreError } from '../../../src/contracts/error.ts';
import { type ChannelRef, channelKey } from '../../../src/contracts/id.ts';
import { Inbound } from '../../../src/contracts/inbound.ts';
import type { Runtime } from '../../../src/contracts/runtime.ts';

type Seen = Parameters<AdapterHost['evidence']>[0];

/** What an adapter may ask of the relay, with a store that a test can take away; what is stored outlives an adapter. */
export class ScriptedHost implements AdapterHost {
  readonly runtime: Runtime;
  /** In the order of their numbers. */
  readonly accepted: Inbound[] = [];
  readonly evidences: Seen[] = [];
  readonly notes = new Map<string, string>();
  readonly logs: string[] = [];
  /** How often something was to be stored. */
  tries = 0;
  /** The store can neither write nor read. */
  isDown = false;
  /** The relay stops. */
  isStopping = false;
  /** What it cannot take, whatever happens. */
  cannotTake: (inbound: Inbound) => boolean = () => false;
  #held: Promise<void> | undefined;
  #letGo: () => void = () => undefined;

  constructor(runtime: Runtime) {
    this.runtime = runtime;
  }

  /** What was taken, in short. */
  get taken(): string[] {
    return this.accepted.map((one) => {
      if (one.kind === 'message') return one.text;
      if (one.kind === 'press') return `press ${one.button}`;
      return one.kind === 'edited' ? `edited ${one.text}` : one.kind;
    });
  }

  /** Nothing is stored until `release`: it takes long. */
  hold(): void {
    this.#held = new Promise((resolve) => {
      this.#letGo = resolve;
    });
  }

  release(): void {
    this.#letGo();
    this.#held = undefined;
  }

  readonly accept: AdapterHost['accept'] = async (input) => {
    this.tries += 1;
    const inbound = Inbound.parse(input);
    if (this.isStopping) throw new ContractError('stopping', 'it stops');
    if (this.cannotTake(inbound)) throw new ContractError('invalid_inbound', 'not to be taken');
    await this.#held;
    this.#mustWork();
    const key = keyOf(inbound);
    const seq = this.accepted.findIndex((one) => keyOf(one) === key) + 1;
    if (seq > 0) return { kind: 'duplicate', seq };
    return { kind: 'accepted', seq: this.accepted.push(inbound) };
  };

  readonly evidence: AdapterHost['evidence'] = async (seen) => {
    this.#mustWork();
    this.evidences.push(seen);
    return 'taken';
  };

  readonly history: AdapterHost['history'] = async (channel, afterSeq, limit) => {
    this.#mustWork();
    const all = this.accepted.flatMap((inbound, at) => itemOf(inbound, at + 1, channel));
    const after = all.filter(({ seq }) => seq > afterSeq);
    return { items: after.slice(0, limit), epoch: 'e', more: after.length > limit };
  };

  readonly state: AdapterHost['state'] = {
    get: async (account, key) => {
      this.#mustWork();
      return this.notes.get(`${account} ${key}`);
    },
    set: async (account, key, value) => {
      this.#mustWork();
      if (value.length > 65_536) throw new ContractError('too_large', 'a note');
      this.notes.set(`${account} ${key}`, value);
    },
  };

  readonly log: AdapterHost['log'] = (level, message, data) => {
    this.logs.push(`${level} ${message} ${JSON.stringify(data) ?? ''}`);
  };

  readonly connection: AdapterHost['connection'] = () => undefined;
  readonly shown: AdapterHost['shown'] = () => undefined;
  readonly audience: AdapterHost['audience'] = async () => undefined;

  #mustWork(): void {
    if (this.isDown) throw new StoreError('locked', 'the store is locked');
  }
}

const keyOf = ({ channel, id }: Inbound): string => `${channelKey(channel)} ${id}`;

function itemOf(inbound: Inbound, seq: number, channel: ChannelRef): HistoryItem[] {
  if (inbound.kind !== 'message' || channelKey(inbound.channel) !== channelKey(channel)) return [];
  const { id, text, person, sentAtMs } = inbound;
  return [{ kind: 'inbound', seq, id, text, personId: person.id, sentAtMs }];
}
