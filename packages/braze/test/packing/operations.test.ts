import { describe, expect, it } from 'vitest'
import { carriesOperation } from '../../src/packing/operations.ts'

describe('carriesOperation', () => {
  it.each([
    ['"ltv":7', false],
    ['"visits":{"inc":1}', true],
    ['"visits":{"inc":-1},"a":1', true],
    ['"segments":{"add":["vip"]}', true],
    ['"segments":{"add":["vip"],"remove":["new"]}', true],
    ['"segments":{"remove":["vip"]}', false],
    ['"pets":{"$add":[{"id":1}]}', true],
    ['"pets":{"$remove":[{"$identifier_key":"id","$identifier_value":1}]}', false],
    [
      '"pets":{"$update":[{"$identifier_key":"id","$identifier_value":1,"$new_object":{"add":[1]}}]}',
      false,
    ],
    ['"add":5', false],
    ['"note":"say \\"inc\\" twice"', false],
    ['"note":{"inc":"text"}', false],
    ['"list":["add"]', false],
  ])('of %s is %s', (members, expected) => {
    expect(carriesOperation(members)).toBe(expected)
  })
})
