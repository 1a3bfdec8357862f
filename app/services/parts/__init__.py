"""The parts of a score: what each asks for, as shares of the part, and what a claim earns in it.

Every part is a pure function of a prepared vacancy and the weights. ``shares`` says how
much each part weighs for the vacancy; ``app.services.vacancy_queries`` puts them together.
"""
