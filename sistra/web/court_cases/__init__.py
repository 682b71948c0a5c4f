"""Court cases on screen: their list, their folder, links to charges, acts, judgments, remedies, incident dockets."""
