"""What becomes of the workers that a program starts.

`interpreter` follows one worker along every path, by abstract interpretation of the program representation; `facts` are
what can be told without that.  The other folders hold one family of rules each, and `module_analysis` is what the rules
ask.
"""
