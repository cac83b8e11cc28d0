import { describe, expect, test } from 'vitest';
import { findWeights } from '../src/pth/findWeights';
import { plainNames } from '../src/pth/plainNames';
import { StorageRef, TensorRef } from '../src/pth/tensorRef';
import { PickleObject, type PickleValue } from '../src/pth/pickleValues';

const tensor = (shape: number[] = [2]) =>
  new TensorRef(
    new StorageRef('torch.FloatStorage', '0', 8),
    0,
    shape,
    shape.map(() => 1),
  );
const dict = (entries: Record<string, PickleValue>) =>
  new Map<PickleValue, PickleValue>(Object.entries(entries));
const state = (name = 'w') => dict({ [name]: tensor() });
const found = (value: PickleValue) => [...findWeights(value).keys()];

const averaged =
  'state_dict_ema model_ema ema_state_dict model_ema_state_dict ema_model params_ema ema'.split(' ');
const plain =
  'state_dict model_state_dict model_state model net network module net_state_dict model_weights weights params'.split(
    ' ',
  );

describe('names that tools give to the weights', () => {
  // Under a name that is not known, the two would be two networks.
  test.each([...averaged, ...plain])('%s beside another network', (name) => {
    expect(found(dict({ teacher: state('other'), [name]: state() }))).toEqual(['w']);
    expect(() => found(dict({ teacher: state('other'), student: state() }))).toThrow(
      /several networks \(teacher, student\)/,
    );
  });

  test.each(averaged)('%s before the last weights, where it holds any', (name) => {
    expect(found(dict({ state_dict: state('last'), [name]: state() }))).toEqual(['w']);
    expect(found(dict({ state_dict: state('last'), [name]: dict({ updates: tensor([]) }) }))).toEqual([
      'last',
    ]);
    expect(found(dict({ state_dict: state('last'), [name]: null }))).toEqual(['last']);
    expect(found(dict({ state_dict: state('last'), [name]: tensor() }))).toEqual(['last']);
  });

  test('a single number may be all there is', () => {
    expect(found(dict({ state_dict: dict({ scale: tensor([]) }) }))).toEqual(['scale']);
    expect(found(dict({ scale: tensor([]) }))).toEqual(['scale']);
  });
});

describe('what belongs to the training', () => {
  const names =
    'optimizer optim_state lr_scheduler sched scaler rng_state cuda_rng random_state callbacks loops hyper_parameters ' +
    'metrics train_loss best args arg config';
  test.each(names.split(' '))('%s is no network', (name) => {
    expect(found(dict({ [name]: state('other'), student: state() }))).toEqual(['w']);
    expect(found(dict({ [name]: tensor(), student: state() }))).toEqual(['w']);
  });

  test.each('target large_model model_config_net argument preconfig'.split(' '))('%s may be one', (name) => {
    expect(found(dict({ [name]: state() }))).toEqual(['w']);
  });

  test('tensors under such names are weights where there are no others', () => {
    expect(found(dict({ 'loss.weight': tensor(), epoch: 3 }))).toContain('loss.weight');
  });
});

test('a dict of tensors is taken before dicts inside it', () => {
  expect(found(dict({ w: tensor(), extra: state('other') }))).toEqual(['w', 'extra']);
  expect(found(dict({ count: tensor([]), extra: state('inner') }))).toEqual(['inner']);
});

test('numbers beside the arrays of a network change nothing', () => {
  const student = dict({ w: tensor(), num_batches_tracked: tensor([]) });
  expect(found(dict({ epoch: 1, student }))).toEqual(['w', 'num_batches_tracked']);
});

test('a list has networks by place, and no tensors of its own', () => {
  expect(found([state(), 3])).toEqual(['w']);
  expect(() => found([tensor(), tensor()])).toThrow(/no dict of tensors: save/);
  expect(() => found([state(), state()])).toThrow(/several networks \(0, 1\)/);
});

test('six dicts deep, not seven', () => {
  const nested = (depth: number): PickleValue => (depth === 0 ? state() : dict({ inner: nested(depth - 1) }));
  expect(found(nested(5))).toEqual(['w']);
  expect(() => found(nested(6))).toThrow(/no dict of tensors; it holds inner/);
  const named = (depth: number): PickleValue => (depth === 0 ? state() : dict({ model: named(depth - 1) }));
  expect(found(named(5))).toEqual(['w']);
  expect(() => found(named(6))).toThrow(/it holds model/);
});

describe('objects', () => {
  const object = (name: string, attributes?: Record<string, PickleValue>) => {
    const made = new PickleObject(name, []);
    if (attributes) made.state = dict(attributes);
    return made;
  };

  test('attributes are looked through, those of slots too', () => {
    expect(found(object('project.Checkpoint', { student: state() }))).toEqual(['w']);
    const slotted = object('project.Checkpoint');
    slotted.state = [dict({ student: state() }), dict({})];
    expect(found(slotted)).toEqual(['w']);
  });

  test('modules that contain each other are refused', () => {
    const module = object('project.Net', { _parameters: dict({ w: tensor() }) });
    (module.state as Map<PickleValue, PickleValue>).set('_modules', dict({ self: module }));
    expect(() => found(module)).toThrow(/modules contain each other/);
    const script = object('__torch__.Net', { w: tensor() });
    (script.state as Map<PickleValue, PickleValue>).set('self', script);
    expect(() => found(script)).toThrow(/modules contain each other/);
  });

  test('a module twice in another is there twice', () => {
    const part = object('project.Part', { _parameters: dict({ w: tensor() }) });
    const module = object('project.Net', { _parameters: dict({}), _modules: dict({ a: part, b: part }) });
    expect(found(module)).toEqual(['a.w', 'b.w']);
    const script = object('__torch__.Part', { w: tensor(), size: 3 });
    expect(found(object('__torch__.Net', { a: script, b: script }))).toEqual(['a.w', 'b.w']);
  });

  test('what a short file names a million times takes no time', () => {
    let shared: PickleValue = dict({ step: 1 });
    for (let depth = 0; depth < 5; depth++)
      shared = dict(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`key${i}`, shared])));
    expect(found(dict({ shared, student: state() }))).toEqual(['w']);
    let module = object('project.Net', { _parameters: dict({ w: tensor() }) });
    for (let depth = 0; depth < 40; depth++)
      module = object('project.Net', { _parameters: dict({}), _modules: dict({ a: module, b: module }) });
    expect(() => found(module)).toThrow(/more than 100000 modules/);
  });

  test('without tensors they are named', () => {
    expect(() => found(object('os.system'))).toThrow(
      /it is an object of os\.system: save model\.state_dict\(\)/,
    );
    expect(() => found(object('project.Net', { _parameters: dict({}) }))).toThrow(
      /it is an object of project\.Net/,
    );
    expect(() => found(dict({ a: object('project.Odd'), b: 1 }))).toThrow(
      /it holds a \(project\.Odd\), b: save/,
    );
  });

  test('ten names are shown', () => {
    const many = dict(Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`key${i}`, i])));
    expect(() => found(many)).toThrow(/key9: save/);
  });
});

describe('wrappers’ prefixes', () => {
  const names = (given: string[], isLightning = false) => [...plainNames(given, isLightning).entries()];

  test.each<[string[], string[], boolean]>([
    [['module.a', 'module.b.c'], ['a', 'b.c'], false],
    [['module.module.a', 'module.module.b'], ['a', 'b'], false],
    [['_orig_mod.a', '_orig_mod._orig_mod.b'], ['a', 'b'], false],
    [['a._orig_mod.b', 'my_orig_mod.c'], ['a.b', 'my_orig_mod.c'], false],
    [['_orig_mod.module.a', '_orig_mod.module.b'], ['a', 'b'], false],
    [['module.a', 'b'], ['module.a', 'b'], false],
    [['a.module.b'], ['a.module.b'], false],
    [['model.a', 'model.b'], ['model.a', 'model.b'], false],
    [['model.a', 'model.b'], ['a', 'b'], true],
    [['net.a'], ['a'], true],
    [['network.a'], ['a'], true],
    [['model.net.a'], ['a'], true],
    [['model._orig_mod.a'], ['a'], true],
    [['model.a', 'head.b'], ['model.a', 'head.b'], true],
    [[], [], false],
  ])('%j → %j', (given, plain, isLightning) => {
    expect(names(given, isLightning)).toEqual(given.map((name, i) => [name, plain[i]]));
  });

  test('the counter of an averaged model goes with the prefix, and only with it', () => {
    expect(names(['n_averaged', 'module.a'])).toEqual([['module.a', 'a']]);
    expect(names(['n_averaged', 'a'])).toEqual([
      ['n_averaged', 'n_averaged'],
      ['a', 'a'],
    ]);
  });
});
