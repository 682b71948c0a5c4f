"""WHO: who is asking, what they may do, which rows they reach and what they see of each.

`may` is the policy as a table, `scope` the only way to rows, `lens` the only way to values, `vault` the only way to keys.
"""
