"""Text of the report: summary, strengths and limitations, protocol, checklists."""
