import type { Delivery } from '../../contracts/delivery.ts';

/** What only shows work gives way to what somebody waits for. */
export type Weight = 'answer' | 'work';

export const weights: Readonly<Record<Delivery['kind'], Weight>> = {
  ack: 'answer',
  progress: 'work',
  question: 'answer',
  terminal: 'answer',
  notice: 'answer',
  amend: 'work',
};
