"""Headings that OpenStax's design prints for notes and sections by their class: data.

CNXML leaves them out; the books' recipes put them in (github.com/openstax/ce-styles).
"""

from typing import Final

NOTES: Final = {
    "checkpoint": "Checkpoint",
    "check-understanding": "Check Your Understanding",
    "check-your-understanding": "Check Your Understanding",
    "theorem": "Theorem",
    "problem-solving": "Problem-Solving Strategy",
    "project": "Student Project",
    "media-2": "Media",
    "link-to-learning": "Link to Learning",
    "everyday-life": "Chemistry in Everyday Life",
    "sciences-interconnect": "How Sciences Interconnect",
    "chemist-portrait": "Portrait of a Chemist",
    "green-chemistry": "Green Chemistry",
    "calculator": "Using the Calculator",
    "collab": "Collaborative Exercise",
    "try": "Try It",
    "howto": "How To",
    "how-to": "How To",
    "qa": "Q&A",
    "be-prepared": "Be Prepared",
    "visual-connection": "Visual Connection",
    "art-connection": "Art Connection",
    "evolution": "Evolution Connection",
    "career": "Career Connection",
    "everyday": "Everyday Connection",
    "scientific": "Scientific Method Connection",
    "disaster": "Disorders",
    "aging": "Aging",
    "homeostatic": "Homeostatic Imbalances",
}
SECTIONS: Final = {
    "section-exercises": "Exercises",
    "exercises": "Exercises",
    "practice": "Practice",
    "homework": "Homework",
    "review-problems": "Review Problems",
    "formula-review": "Formula Review",
    "key-equations": "Key Equations",
    "key-concepts": "Key Concepts",
    "summary": "Summary",
    "review-questions": "Review Questions",
    "critical-thinking": "Critical Thinking Questions",
    "conceptual-questions": "Conceptual Questions",
}
