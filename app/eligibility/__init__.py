"""Whether a candidate may and can take a post: yes, no, or unknown; never a matter of degree.

Rules are data: ``data/rules.json`` holds what each rule is usually worth, where it comes from
and since when; the tables beside it are dated and name their sources. The functions only
compare what a vacancy demands with what a candidate states. Nothing is read out of free text,
and nothing that is not stated counts as a yes or a no.
"""
