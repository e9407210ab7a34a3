"""Teams as a min-cost flow (OR-Tools): the least sum of squared loads. Reads the case on standard input.

A node per department's part of a visit, one per inspector; an arc of capacity 1 where the
inspector may go there; from each inspector to the sink unit arcs of cost 1, 3, 5, ..., which add
up to the square of the load. Prints the solver's seconds and the sum of squares.
"""

import json
import sys
import time

from ortools.graph.python import min_cost_flow

case = json.load(sys.stdin)
seconds, squares, missing = 0.0, 0, 0
for department in case:
    flow = min_cost_flow.SimpleMinCostFlow()
    people, parts = department["people"], department["parts"]
    sink = people + len(parts)
    wanted = sum(part["slots"] for part in parts)
    levels = wanted // people + 3
    for p in range(people):
        for level in range(levels):
            flow.add_arc_with_capacity_and_unit_cost(p, sink, 1, 2 * level + 1)
    for i, part in enumerate(parts):
        banned = set(part["banned"])
        for p in range(people):
            if p not in banned:
                flow.add_arc_with_capacity_and_unit_cost(people + i, p, 1, 0)
        flow.set_node_supply(people + i, part["slots"])
    flow.set_node_supply(sink, -wanted)
    start = time.perf_counter()
    status = flow.solve()
    seconds += time.perf_counter() - start
    assert status == flow.OPTIMAL, status
    squares += flow.optimal_cost()
print(json.dumps({"seconds": seconds, "squares": squares}))
