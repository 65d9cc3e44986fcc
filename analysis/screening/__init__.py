"""The screen that learns from this site's own decisions.

`features` says what is looked at, `model` scores with what was learned, `training` learns (the only door to
scikit-learn), `measures` judges scores, `files` and `decisions` bring labelled comments, `learning` holds the verbs,
`drift` watches whether people still agree, and `screen.learned` is what `COMMENTS["SCREENS"]` names.
"""
