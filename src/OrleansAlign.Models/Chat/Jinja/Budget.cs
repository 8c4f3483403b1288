using System.Runtime.CompilerServices;

namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>What one rendering may still spend: steps, characters and depth.</summary>
internal sealed class Budget(ChatTemplateOptions options)
{
    private const int CharactersPerStep = 16;
    private long steps;
    private int depth;

    /// <summary>Counts one expression, statement or item.</summary>
    public void Step() => Spend(1);

    /// <summary>Counts <paramref name="count"/> steps, before they are taken.</summary>
    public void Spend(long count)
    {
        steps += count;
        if (steps > options.MaxSteps)
        {
            throw new TemplateFault(
                $"rendering took more than {options.MaxSteps} steps. Shorten the template's loops or the conversation, or raise MaxSteps.");
        }
    }

    /// <summary>Counts a text of <paramref name="length"/> characters, before it is made.</summary>
    public void Make(long length)
    {
        CheckLength(length);
        Spend(length / CharactersPerStep);
    }

    /// <summary>Faults on a text of more characters than allowed.</summary>
    public void CheckLength(long length)
    {
        if (length > options.MaxLength)
        {
            throw new TemplateFault(
                $"a text would have {length} characters, more than the {options.MaxLength} allowed. Shorten the conversation, or raise MaxLength.");
        }
    }

    /// <summary>Goes one level down: an expression in an expression, a block in a block, a value in a value.</summary>
    public void Enter()
    {
        Step();
        if (++depth > options.MaxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new TemplateFault(
                $"nesting is deeper than {options.MaxDepth} levels. Flatten the template, end a macro's recursion, or raise MaxDepth.");
        }
    }

    /// <summary>Comes back up.</summary>
    public void Leave() => depth--;
}
