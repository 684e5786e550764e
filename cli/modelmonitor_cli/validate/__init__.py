"""`modelmonitor validate`: is the resource right, and what will it cost?"""
