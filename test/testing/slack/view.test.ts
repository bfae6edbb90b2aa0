import { expect, test } from 'vitest';
import { client, refusal, server } from './ground.ts';
import { modal, plain, pressed } from './press-ground.ts';

test('a trigger opens one view, within three seconds', async () => {
  const { runtime, ann, api, press, message } = await pressed();
  const open = (trigger_id: string) => api.views.open({ trigger_id, view: modal });
  expect(await refusal(open('nonsense'))).toBe('invalid_trigger_id');
  const { view } = await open(press.triggerId);
  expect(view).toMatchObject({ callback_id: 'ask', private_metadata: 'm1', state: { values: {} } });
  expect(await refusal(open(press.triggerId))).toBe('exchanged_trigger_id');
  const later = ann.press(message, 'yes');
  await runtime.advance(3_001);
  expect(await refusal(open(later.triggerId))).toBe('expired_trigger_id');
  const id = view?.id as string;
  const updated = await api.views.update({ view_id: id, view: { ...modal, title: plain('Two') } });
  expect(ann.views.map(({ title }) => title)).toEqual(['Two']);
  expect(
    await refusal(api.views.update({ view_id: id, hash: view?.hash as string, view: modal })),
  ).toBe('hash_conflict');
  await api.views.update({ view_id: id, hash: updated.view?.hash as string, view: modal });
  expect(await refusal(api.views.update({ view_id: 'V0NONE', view: modal }))).toBe('not_found');
});

test('views stand above each other; answers replace, push and clear; a close is told on wish', async () => {
  const answers: unknown[] = [];
  const types: unknown[] = [];
  const slack = await server({
    requestFetch: async (request) => {
      const payload = new URLSearchParams(await request.text()).get('payload');
      types.push(payload && (JSON.parse(payload) as { type: string }).type);
      return Response.json(answers.shift() ?? {});
    },
  });
  const ann = slack.person();
  const trigger = async () => {
    const shortcut = ann.shortcut('x');
    await shortcut.answered;
    return shortcut.triggerId;
  };
  const named = (title: string) => ({ ...modal, title: plain(title), blocks: [] });
  const titles = () => ann.views.map(({ title }) => title);
  const api = client(slack);
  await api.views.open({ trigger_id: await trigger(), view: named('One') });
  await api.views.push({ trigger_id: await trigger(), view: named('Two') });
  await api.views.push({ trigger_id: await trigger(), view: named('Three') });
  expect(await refusal(api.views.push({ trigger_id: await trigger(), view: named('Four') }))).toBe(
    'push_limit_reached',
  );
  const top = () => ann.views.at(-1) ?? expect.fail('no view');
  answers.push({ response_action: 'update', view: named('Third') });
  await ann.submit(top()).answered;
  expect(titles()).toEqual(['One', 'Two', 'Third']);
  expect(ann.close(top())).toBeUndefined();
  answers.push({ response_action: 'push', view: { ...named('Last'), notify_on_close: true } });
  await ann.submit(top()).answered;
  expect(titles()).toEqual(['One', 'Two', 'Last']);
  await ann.close(top())?.answered;
  expect(types.at(-1)).toBe('view_closed');
  answers.push({ response_action: 'errors', errors: { why: 'no' } });
  const faulty = top();
  await ann.submit(faulty).answered;
  expect(faulty.errors).toEqual({ why: 'no' });
  await api.views.update({ view_id: faulty.id, view: named('Again') });
  expect([faulty.title, faulty.errors]).toEqual(['Again', {}]);
  answers.push({ response_action: 'clear' });
  await ann.submit(top()).answered;
  expect(titles()).toEqual([]);
});

test.each([
  ['no title', { title: undefined }],
  ['a long title', { title: plain('x'.repeat(25)) }],
  ['an input without submit', { submit: undefined }],
  ['long metadata', { private_metadata: 'x'.repeat(3_001) }],
  ['another type', { type: 'nonsense' }],
])('a view with %s is refused', async (_, change) => {
  const { api, press, ann } = await pressed();
  const call = api.apiCall('views.open', {
    trigger_id: press.triggerId,
    view: { ...modal, ...change },
  });
  expect(await refusal(call)).toBe('invalid_arguments');
  expect(ann.views).toEqual([]);
});
