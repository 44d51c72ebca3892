import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeFrame, kindsOf } from './strict-frames.ts';

const good = [
  '{"Identity":0}',
  '{"History":{"start":0,"operations":[{"id":0,"operation":["hi"]},{"id":18446744073709551615,"operation":[2,"x",-1]}]}}',
  '{"History":{"start":7,"operations":[{"id":3,"operation":[]}]}}',
  '{"Language":{"language":"go","user_id":18446744073709551615,"user_name":"System"}}',
  '{"UserInfo":{"id":3,"info":{"name":"C","hue":270}}}',
  '{"UserInfo":{"id":3,"info":{"name":"C","hue":270,"viewer":true}}}',
  '{"UserInfo":{"id":3}}',
  '{"UserInfo":{"id":3,"info":null}}',
  '{"UserCursor":{"id":1,"data":{"cursors":[42],"selections":[[10,25]]}}}',
  '{"OTP":{"otp":null,"user_id":2,"user_name":"Bob"}}',
];
for (const frame of good) test(`the judge of frames takes ${frame}`, () => assert.deepEqual(judgeFrame(frame), []));

const bad = [
  'no',
  '[]',
  '{}',
  '{"Identity":0,"Language":null}',
  '{"Identity":1.0}',
  '{"Identity":1e3}',
  '{"Identity":-1}',
  '{"Identity":9007199254740993}',
  '{"Welcome":{}}',
  '{"History":{"start":0,"operations":[]}}',
  '{"History":{"start":0,"operations":null}}',
  '{"History":{"operations":[{"id":0,"operation":["a"]}],"start":0}}',
  '{"History":{"start":0,"operations":[{"id":0,"operation":["a"],"sequence":1}]}}',
  '{"History":{"start":0,"operations":[{"id":18446744073709552000,"operation":["a"]}]}}',
  '{"History":{"start":0,"operations":[{"id":"18446744073709551615","operation":["a"]}]}}',
  '{"History":{"start":0,"operations":[{"id":0,"operation":[-1,"a"]}]}}',
  '{"History":{"start":0,"operations":[{"id":0,"operation":[1,1]}]}}',
  '{"History":{"start":0,"operations":[{"id":0,"operation":[""]}]}}',
  '{"Language":{"language":"go","user_id":18446744073709551616,"user_name":"System"}}',
  '{"UserInfo":{"id":3,"info":{"name":"C","hue":4294967296}}}',
  '{"UserInfo":{"id":18446744073709551615}}',
  '{"UserInfo":{"id":3,"info":{"name":"C","hue":270,"viewer":false}}}',
  '{"UserCursor":{"id":1,"data":{"cursors":null,"selections":[]}}}',
  '{"UserCursor":{"id":1,"data":{"cursors":[],"selections":[[1]]}}}',
  '{"UserCursor":{"id":1,"data":{"cursors":[4294967296],"selections":[]}}}',
  '{"OTP":{"user_id":2,"user_name":"Bob"}}',
  '{"Language":{"language":"\\ud800","user_id":1,"user_name":""}}',
  '{"History":{"start":0,"operations":[{"id":0,"operation":["\\udc00"]}]}}',
  '{"Language":{"language":"\ud800","user_id":1,"user_name":""}}',
];
for (const frame of bad) test(`the judge of frames refuses ${frame}`, () => assert.notDeepEqual(judgeFrame(frame), []));

test('the judge of frames refuses a binary frame and tells the kinds of good ones', () => {
  assert.equal(judgeFrame('{"Identity":0}', true).length, 1);
  assert.deepEqual(kindsOf(['{"Identity":0}', '{"UserInfo":{"id":3}}']), ['Identity', 'UserInfo']);
});
