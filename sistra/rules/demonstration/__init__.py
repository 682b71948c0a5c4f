"""The plan of a demonstration: invented charges that look like a prosecutor's, drawn from a seed and a day. Writes nothing.

Names, places and phrases stand in `codebook/demo/*.csv`. No person and no case of it exists.
"""
