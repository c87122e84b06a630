import { parseDisturbances } from '../../cli/disturbance-option.ts';

const burst = { initial: 3, steps: [{ atMs: 10_000, factor: 0 }] };

test.each([
  ['noise=0.01', { noise: 0.01 }, "1 % of the audit's calls are throttled at random."],
  [
    'bursts=3x10/60',
    { bystanders: [{ ...burst, repeatMs: 60_000 }] },
    'Another application calls at 3 times the rate for 10 s of every 60 s.',
  ],
  ['storm=3x10', { bystanders: [burst] }, 'Another application calls at 3 times the rate for the first 10 s.'],
  [
    'window=100/10',
    { window: { calls: 100, ms: 10_000, sliding: false } },
    'IAM allows 100 calls in each window of 10 s for each operation.',
  ],
  [
    'sliding=100/2.5',
    { window: { calls: 100, ms: 2_500, sliding: true } },
    'IAM allows 100 calls in any 2.5 s for each operation.',
  ],
  ['late=3', { lateMs: 3_000 }, 'Throttled calls are answered 3 s late.'],
  ['debt=50', { debt: 50 }, 'A throttled call costs a token too, until 50 tokens are owed.'],
  ['empty', { startsEmpty: true }, 'The token buckets start empty.'],
  ['hosts=3', { hosts: 3 }, '3 hosts share each limit equally; each call goes to one of them at random.'],
  [
    'steps=0.1@30+1@90',
    {
      rate: {
        initial: 1,
        steps: [
          { atMs: 30_000, factor: 0.1 },
          { atMs: 90_000, factor: 1 },
        ],
      },
    },
    'The rate is 0.1 times --rate after 30 s, 1 times --rate after 90 s.',
  ],
  [
    'steps=0.1@10/20',
    { rate: { initial: 1, steps: [{ atMs: 10_000, factor: 0.1 }], repeatMs: 20_000 } },
    'The rate is 0.1 times --rate after 10 s, and again in each period of 20 s.',
  ],
])('%s', (text, disturbances, sentence) => {
  expect(parseDisturbances(text)).toEqual({ disturbances: { bystanders: [], ...disturbances }, sentences: [sentence] });
});

test('parts are combined, and several other applications add up', () => {
  const { disturbances, sentences } = parseDisturbances('noise=0.01, storm=3x10,bursts=3x10/60,empty');
  expect(disturbances).toEqual({
    noise: 0.01,
    startsEmpty: true,
    bystanders: [burst, { ...burst, repeatMs: 60_000 }],
  });
  expect(sentences).toHaveLength(4);
});

test.each([
  [
    'nose=0.1',
    '"nose=0.1": there is no disturbance "nose". Did you mean noise? The disturbances are noise, bursts, storm, window, sliding,',
  ],
  ['', '"": there is no disturbance "".'],
  ['toString', 'there is no disturbance "toString"'],
  ['noise', '"noise": it must have the form noise=SHARE, for example noise=0.01.'],
  ['noise=much', '"noise=much": it must have the form noise=SHARE'],
  ['noise=1', '"noise=1": SHARE must be a number from 0.0001 to 0.9, but it is 1.'],
  ['noise=-0.1', 'SHARE must be a number from 0.0001 to 0.9, but it is -0.1.'],
  ['empty,bursts=3x10', '"bursts=3x10": it must have the form bursts=KxON/PERIOD, for example bursts=3x10/60.'],
  ['bursts=3x60/60', '"bursts=3x60/60": ON must be less than PERIOD, but it is 60.'],
  ['window=1.5/10', 'CALLS must be a whole number from 1 to 100000, but it is 1.5.'],
  ['late=30', 'SECONDS must be a number from 0.1 to 25, but it is 30.'],
  ['storm=101x10', '"storm=101x10": K must be a number from 0.01 to 100, but it is 101.'],
  ['empty=1', '"empty=1": empty has no value. Write empty.'],
  ['empty=', '"empty=": empty has no value.'],
  ['hosts=1', 'N must be a whole number from 2 to 100, but it is 1.'],
  ['steps=2', '"steps=2": it must have the form steps=FACTOR@SECOND+FACTOR@SECOND… or'],
  ['steps=2@30+1@10', 'Each SECOND must be greater than the one before it, but 10 follows 30.'],
  ['steps=2@30/30', 'PERIOD must be greater than the last SECOND, 30, but it is 30.'],
  ['steps=2@30/60/90', 'it must have the form'],
  ['noise=0.1,noise=0.2', '"noise" is given twice. Give it once.'],
  ['window=1/1,sliding=1/1', '"window" and "sliding" can\'t be combined. Give one of them.'],
  [
    'debt=5,sliding=9/1',
    '"debt" can\'t be combined with "sliding", which replaces the token bucket. Give one of them.',
  ],
])('the error for "%s" names the part, what is wrong and what is right', (text, message) => {
  expect(() => parseDisturbances(text)).toThrow(message);
});
