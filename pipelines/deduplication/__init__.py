"""Deduplication of content (Galactica, section A.2): what a higher source holds, lower ones lose.

A byte is duplicated where it lies in a window of `minimum_bytes` bytes that a document of higher
rank has too: held-out documents rank before all others, then the sources in priority order. The
union of those windows is the union of all longest duplicated spans of at least that length, so
nothing but hashes of windows need be compared, and what is found is exact. It is narrowed to whole
paragraphs.

Five stages of map tasks, with no access to any other document:

=================  ====================================  ========================================
stage              a task is                             it writes
=================  ====================================  ========================================
window runs        a part                                a row for each run of windows
shared runs        a partition of the rows of all parts  answers: copied, or compare each window
windows            a part                                the hash of each window to compare
shared windows     a partition of the hashes             answers: which a higher source has
removals           a part                                the paragraphs to remove from each row
=================  ====================================  ========================================

A *run* is a stretch of windows that share their minimizer (winnowing: the least of the hashes of
the shingles in a window, which its content alone decides; in sequence analysis such a stretch is a
super-k-mer). Two equal windows have equal minimizers. Where a whole run is copied, its one hash
says so: of 35 bytes of copied text one row is written, and windows are compared one by one only at
the two ends of a copy.

Rows go from parts to partitions, and answers back, through files with a record batch for each
receiver (`partitions`). So a task reads what is meant for it and nothing else: work is linear in
the corpus, and the memory of a task is that of one part or one partition.
"""
