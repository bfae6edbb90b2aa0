import assert from 'node:assert/strict';
import type { AdapterCheck } from './adapter-conformance-kit.ts';

const numbered = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, n) => `${name} number ${n + 1} of ${count}`);

export function orderChecks(check: AdapterCheck): void {
  check('what is said is seen once, in the order in which it was said', [], async (bench) => {
    const channel = await bench.enter();
    const said = numbered('word', 8);
    for (const text of said) await bench.notify(channel, text);
    await bench.advance();
    assert.deepEqual(bench.texts(channel), said);
  });

  check('late answers, each by another time, change no order', ['slow'], async (bench) => {
    const [ada, bob] = [await bench.enter('ada'), await bench.enter('bob')];
    bench.platform.slow?.([900, 20, 1_500, 0, 700, 3_000, 5, 400, 2_000, 1, 60, 800]);
    const [toAda, toBob] = [numbered('ada', 6), numbered('bob', 6)];
    for (const [n, text] of toAda.entries()) {
      await bench.notify(ada, text);
      await bench.notify(bob, toBob[n] ?? '');
    }
    await bench.advance();
    assert.deepEqual(bench.texts(ada), toAda);
    assert.deepEqual(bench.texts(bob), toBob);
  });

  check('what is said in one conversation is seen in no other', [], async (bench) => {
    const [ada, bob] = [await bench.enter('ada'), await bench.enter('bob')];
    assert.notDeepEqual(ada, bob);
    await bench.notify(ada, 'for ada');
    await bench.advance();
    assert.deepEqual([bench.texts(ada), bench.texts(bob)], [['for ada'], []]);
  });

  check('an answer is seen when deliver says that it is shown', [], async (bench) => {
    const channel = await bench.enter();
    for (const text of numbered('direct', 3)) {
      const outcome = await bench.deliver(channel, { text });
      assert.equal(outcome.kind, 'surfaced');
      assert.equal(bench.texts(channel).at(-1), text);
    }
  });
}
