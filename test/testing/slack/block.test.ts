import { expect, test } from 'vitest';
import { client, failure, server } from './ground.ts';

const plain = (text: string) => ({ type: 'plain_text', text }) as const;
const button = (text: string, more = {}) => ({ type: 'button', text: plain(text), ...more });

async function opened() {
  const slack = await server();
  const ann = slack.person({ name: 'Ann' });
  const api = client(slack);
  const post = (blocks: unknown) =>
    api.apiCall('chat.postMessage', { channel: ann.dm.id, text: 'fallback', blocks });
  return { ann, post };
}

test('what a person sees of blocks: words, buttons, menus, whom they mention', async () => {
  const { ann, post } = await opened();
  const option = (text: string) => ({ text: plain(text), value: text.toLowerCase() });
  await post([
    { type: 'header', text: plain('Title <@U1> &amp; more') },
    { type: 'section', text: { type: 'mrkdwn', text: `*bold* <@${ann.id}>` } },
    { type: 'section', fields: [plain('left'), plain('right')], accessory: button('More') },
    { type: 'divider' },
    { type: 'context', elements: [{ type: 'mrkdwn', text: 'small' }] },
    { type: 'markdown', text: '# Heading <!here>' },
    {
      type: 'rich_text',
      elements: [
        {
          type: 'rich_text_section',
          elements: [
            { type: 'text', text: 'rich ' },
            { type: 'user', user_id: ann.id },
            { type: 'link', url: 'https://x.example', text: 'link' },
          ],
        },
        {
          type: 'rich_text_list',
          style: 'bullet',
          elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 'item' }] }],
        },
      ],
    },
    {
      type: 'table',
      rows: [
        [
          { type: 'raw_text', text: 'a' },
          { type: 'raw_text', text: 'b' },
        ],
      ],
    },
    {
      type: 'actions',
      block_id: 'acts',
      elements: [
        button('Yes', { action_id: 'y', value: '1', style: 'primary' }),
        { type: 'static_select', action_id: 'pick', options: [option('Red'), option('Blue')] },
      ],
    },
  ]);
  const message = ann.dm.messages[0];
  expect(message?.shown).toBe(
    [
      'Title <@U1> & more',
      '*bold* @Ann',
      'left',
      'right',
      '---',
      'small',
      '# Heading @here',
      'rich @Annlink',
      '• item',
      'a | b',
    ].join('\n'),
  );
  expect(message?.mentions).toEqual([ann.id, 'here']);
  expect(message?.buttons).toMatchObject([
    { text: 'More' },
    { text: 'Yes', actionId: 'y', blockId: 'acts', value: '1', style: 'primary' },
  ]);
  expect(message?.selects).toMatchObject([
    { type: 'static_select', actionId: 'pick', options: [{ text: 'Red', value: 'red' }, {}] },
  ]);
});

const many = (count: number, make: (n: number) => unknown) =>
  Array.from({ length: count }, (_, n) => make(n));

test.each<[what: string, blocks: unknown, said: string]>([
  [
    'an unknown type',
    [{ type: 'nonsense' }],
    'unsupported type: nonsense [json-pointer:/blocks/0/type]',
  ],
  [
    'an input in a message',
    [{ type: 'input', label: plain('x'), element: {} }],
    'unsupported type: input',
  ],
  ['51 blocks', many(51, () => ({ type: 'divider' })), 'no more than 50 items'],
  [
    'a long section',
    [{ type: 'section', text: plain('x'.repeat(3_001)) }],
    'less than 3001 characters [json-pointer:/blocks/0/text/text]',
  ],
  ['an empty section', [{ type: 'section' }], 'missing required field: text or fields'],
  [
    'a header in mrkdwn',
    [{ type: 'header', text: { type: 'mrkdwn', text: 'x' } }],
    'must be a plain_text object',
  ],
  ['a long header', [{ type: 'header', text: plain('x'.repeat(151)) }], 'less than 151'],
  [
    '26 buttons',
    [{ type: 'actions', elements: many(26, (n) => button(`${n}`)) }],
    'must have 1 to 25 items',
  ],
  ['a long label', [{ type: 'actions', elements: [button('x'.repeat(76))] }], 'less than 76'],
  [
    'a long value',
    [{ type: 'actions', elements: [button('x', { value: 'x'.repeat(2_001) })] }],
    'less than 2001',
  ],
  [
    'one action id twice',
    [
      {
        type: 'actions',
        elements: [button('a', { action_id: 'x' }), button('b', { action_id: 'x' })],
      },
    ],
    'action_id is used more than once',
  ],
  [
    'one block id twice',
    [
      { type: 'divider', block_id: 'x' },
      { type: 'divider', block_id: 'x' },
    ],
    'block_id is used more than once',
  ],
  [
    'an unknown style',
    [{ type: 'actions', elements: [button('x', { style: 'loud' })] }],
    'must be primary or danger',
  ],
  [
    '101 options',
    [
      {
        type: 'actions',
        elements: [
          {
            type: 'static_select',
            action_id: 's',
            options: many(101, (n) => ({ text: plain(`${n}`), value: `${n}` })),
          },
        ],
      },
    ],
    'must have 1 to 100 items',
  ],
])('%s is refused with its place', async (_, blocks, said) => {
  const { ann, post } = await opened();
  const { data } = (await failure(post(blocks))) as unknown as {
    data: { error: string; response_metadata: { messages: string[] } };
  };
  expect(data.error).toBe('invalid_blocks');
  expect(data.response_metadata.messages.join('\n')).toContain(said);
  expect(ann.dm.all).toEqual([]);
});

test('Markdown of all blocks together has a limit of its own', async () => {
  const { post } = await opened();
  const half = { type: 'markdown', text: 'x'.repeat(6_000) };
  await post([half, half]);
  expect(await failure(post([half, half, { type: 'markdown', text: 'x' }]))).toMatchObject({
    data: { error: 'msg_blocks_too_long' },
  });
});
