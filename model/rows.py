"""What a row of `rows.bin` weighs in training, wherever it is trained on or fitted to."""
import numpy as np


def weights(doc, keep, words, documents):
    """What a wrong decision about a row costs its page's words F1, roughly."""
    kept = np.bincount(doc, weights=words * (keep == 1), minlength=documents)
    return np.minimum((words + 2.0) / (kept[doc] + 80), 0.3)


def page_weights(labelled, source):
    """Silver pages count less, pages labelled line by line more."""
    return np.where(labelled, 1.5, 1.0) * np.where(np.isin(source, ["wcxb", "fundus"]), 1.0, 0.7)
