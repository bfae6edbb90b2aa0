import { createFakeRuntime } from '../../../src/testing/index.ts';
import { client, server } from './ground.ts';

export const plain = (text: string) => ({ type: 'plain_text', text }) as const;

export const buttons = (...labels: string[]) => ({
  type: 'actions' as const,
  block_id: 'acts',
  elements: labels.map((label) => ({
    type: 'button' as const,
    text: plain(label),
    action_id: `do_${label}`,
    value: label.toLowerCase(),
  })),
});

/** A view with one question. */
export const modal = {
  type: 'modal' as const,
  callback_id: 'ask',
  title: plain('Question'),
  submit: plain('Send'),
  private_metadata: 'm1',
  blocks: [
    {
      type: 'input' as const,
      block_id: 'why',
      label: plain('Why?'),
      element: { type: 'plain_text_input' as const, action_id: 'words' },
    },
  ],
};

/** A button that was pressed, on a clock of the test, by an app that acks everything. */
export async function pressed() {
  const runtime = createFakeRuntime();
  const slack = await server({ runtime, requestFetch: async () => new Response() });
  const ann = slack.person({ name: 'Ann' });
  const api = client(slack);
  await api.chat.postMessage({ channel: ann.dm.id, text: 'x', blocks: [buttons('Yes')] });
  const message = await ann.dm.waitFor(() => true);
  const press = ann.press(message, 'do_Yes');
  await press.answered;
  const respond = async (body: object) => {
    const response = await fetch(press.responseUrl as string, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return `${response.status} ${await response.text()}`;
  };
  return { runtime, slack, ann, api, message, press, respond };
}
