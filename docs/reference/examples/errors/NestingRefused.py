import wan_notebook as wan

try:
    wan.allow_nested_asyncio()
except wan.errors.NestingRefused as refused:
    print(refused)  # in a cell `await` does the same
